"""Agents recorded and replayed: the same octets come out, whatever went in (SIM-4)."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import attrs
import pytest

from sansio_sip.agent import (
    Agent,
    AgentBackends,
    AgentEvent,
    AuthenticationConfig,
    RecordingAgent,
    ReplayedInput,
    ReplayError,
    RequestHandedOver,
    replay,
)
from sansio_sip.agent.recorded_values import _MODULES, _TYPES, decode, encode
from sansio_sip.agent.recording import INPUTS, QUESTIONS, argument_names
from sansio_sip.auth import Credentials, DigestClient, DigestServerConfig, Secret
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.info import InfoSupport
from sansio_sip.invite import CallEnded
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import BodyPart, ParseMode, Request, Response, parse_message
from sansio_sip.pager import MessageReceived, PagerConfig
from sansio_sip.register import BindingsChanged, MemoryBindingStore, RegistrarConfig, RegistrationConfig
from sansio_sip.resolve import AddressRecord, NaptrRecord, SrvRecord
from sansio_sip.sdp import Direction
from sansio_sip.subscribe import PRESENCE, CompositorConfig, StatePublished, SubscriptionRequested
from sansio_sip.transaction import TimerConfig
from tests.sip.harness import ALICE, BOB, AgentPair, Fate, Peer, Phone, lossy, make_agent, media, offer
from tests.sip.test_agent_mutants import Bench, act_on_events
from tests.sip.vectors import EXAMPLES, TORTURE, octets


class Recorded:
    """A recording agent like that of the harness, and its record."""

    def __init__(
        self,
        user: str = "alice",
        endpoint: Endpoint = ALICE,
        *,
        seed: int = 1,
        secrets: bool = False,
        **settings: Any,
    ) -> None:
        self.lines: list[str] = []
        like = make_agent(user, endpoint, seed=seed, **settings)
        self.agent = RecordingAgent(
            like._core.config,
            now=0.0,
            ids=Ids(Random(f"{user} {seed}").randbytes),
            sink=self.lines.append,
            secrets=secrets,
        )

    def replayed(self, **settings: Any) -> list[ReplayedInput]:
        return list(replay(self.lines, **settings))

    def packets(self, **settings: Any) -> list[Transmit]:
        return [transmit for item in self.replayed(**settings) for transmit in item.transmits]


def record_pair(pair: AgentPair, seed: int) -> tuple[Recorded, Recorded]:
    both = Recorded("alice", ALICE, seed=seed), Recorded("bob", BOB, seed=seed)
    pair.a, pair.b = Phone(both[0].agent, ALICE), Phone(both[1].agent, BOB)
    return both


def call_over(
    fate: Fate, seed: int, *, callee_hangs_up: bool = False
) -> tuple[AgentPair, Recorded, Recorded]:
    pair = AgentPair(seed=seed, fate=fate)
    a, b = record_pair(pair, seed)
    pair.answer_calls()
    session = pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)

    def hang_up() -> None:
        phone = pair.b if callee_hangs_up else pair.a
        names = list(phone.agent._calls._sessions) if callee_hangs_up else [session]
        for name in names:
            phone.agent.hang_up(name, pair.now)

    pair.at(5.0, hang_up)
    pair.at(120.0, hang_up)
    pair.run(until=400.0)
    return pair, a, b


@pytest.mark.parametrize("seed", range(12))
def test_call_over_a_bad_wire_is_replayed_octet_for_octet(seed: int) -> None:
    """SIM-4, SIM-1: loss, duplicates, reordering; both sides, each from its own record."""
    fate = lossy(seed, loss=0.2, duplicate=0.2, reorder=0.3) if seed else (lambda number, data: (0.01,))
    pair, a, b = call_over(fate, seed, callee_hangs_up=bool(seed % 2))
    for recorded, phone in ((a, pair.a), (b, pair.b)):
        sent = [sent.data for sent in pair.log if sent.source == phone.endpoint]
        assert sent
        again = recorded.replayed()
        assert [transmit.data for item in again for transmit in item.transmits] == sent
        events = [event for item in again for event in item.events]
        assert list(map(repr, events)) == list(map(repr, phone.events))
        assert [event.end for event in events if isinstance(event, CallEnded)] == [e.end for e in phone.ends]
        assert again[-1].deadline == phone.agent.deadline


def test_destinations_are_replayed_too() -> None:
    """SIM-4: and the flow on which a request came."""
    recorded = Recorded()
    peer = Peer(recorded.agent, BOB._replace(flow=("socket", 4)))
    peer.call_agent()
    sent = []
    recorded.agent.ring(next(iter(recorded.agent._calls._sessions)), 1.0)
    while (transmit := recorded.agent.next_transmit()) is not None:
        sent.append(transmit)
    assert sent
    assert recorded.packets() == sent


def test_flow_that_is_an_object_becomes_a_name_and_stays_one_flow() -> None:
    """SIM-4: nobody looks into a flow."""
    recorded = Recorded()
    source = BOB._replace(flow=object())
    recorded.agent.receive_datagram(Peer().request("OPTIONS").to_bytes(), source, 0.0)
    recorded.agent.receive_datagram(Peer().request("OPTIONS", call_id="2").to_bytes(), source, 0.0)
    flows = {packet.flow for packet in recorded.packets()}
    assert len(flows) == 1
    assert isinstance(flows.pop(), str)


def challenge(peer: Peer) -> list[bytes]:
    """A call that is challenged; returns what the agent sends."""
    _, invite = peer.call_from_agent()
    peer.respond(invite, 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    sent = [invite.to_bytes()]
    sent += [message.to_bytes() for message in peer.sent()]
    return sent


@pytest.mark.parametrize("secrets", [True, False])
def test_digest_is_replayed_with_the_password_recorded_or_told(secrets: bool) -> None:
    """SIM-4, AUTH-1: octet for octet, the client nonce included."""
    recorded = Recorded(secrets=secrets, credentials=(Credentials("alice", "wonderland"),))
    sent = challenge(Peer(recorded.agent))
    assert any(b"Authorization" in data for data in sent)
    passwords = None if secrets else {"alice": "wonderland"}
    packets = recorded.packets(passwords=passwords)
    assert [parse_message(packet.data).to_bytes() for packet in packets] == sent


def test_password_is_not_in_a_record_unless_asked_for() -> None:
    """SIM-4, ROB-6: and a replay without it differs in the answer to the challenge only."""
    hidden = Recorded(credentials=(Credentials("alice", "wonderland"),))
    shown = Recorded(credentials=(Credentials("alice", "wonderland"),), secrets=True)
    sent = challenge(Peer(hidden.agent))
    challenge(Peer(shown.agent))
    assert "wonderland" not in "".join(hidden.lines)
    assert "wonderland" in "".join(shown.lines)
    again = [parse_message(packet.data).to_bytes() for packet in hidden.packets()]
    assert len(again) == len(sent)
    for one, two in zip(sent, again, strict=True):
        assert [line for line in one.split(b"\r\n") if not line.startswith(b"Authorization")] == [
            line for line in two.split(b"\r\n") if not line.startswith(b"Authorization")
        ]


def test_garbage_and_every_vector_are_replayed() -> None:
    """SIM-4, MSG-9: what is refused is refused again."""
    recorded = Recorded()
    for vector in [*TORTURE, *EXAMPLES]:
        recorded.agent.receive_datagram(octets(vector), BOB, 0.0)
    random = Random(4)
    for _ in range(200):
        recorded.agent.receive_datagram(random.randbytes(random.randrange(200)), BOB, 1.0)
    sent = []
    while (transmit := recorded.agent.next_transmit()) is not None:
        sent.append(transmit)
    assert sent
    assert recorded.packets() == sent


def test_mutants_are_replayed() -> None:
    """SIM-4, MSG-9: 500 damaged messages at an agent with two calls."""
    recorded = Recorded(max_calls=50)
    bench = Bench.__new__(Bench)
    bench.peer = Peer(recorded.agent)
    sent: list[bytes] = []
    pop = recorded.agent.next_transmit

    def drain() -> None:
        while (transmit := pop()) is not None:
            sent.append(transmit.data)

    recorded.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    drain()
    invite = parse_message(sent[0])
    bench.originals = [
        sent[0],
        octets(EXAMPLES[0]),
        bench.peer.request("OPTIONS").to_bytes(),
        invite.to_bytes(),
    ]
    random = Random(5)
    for number in range(500):
        recorded.agent.receive_datagram(bench.mutant(random), BOB, number / 10)
        drain()
        act_on_events(recorded.agent, number / 10)
        drain()
    recorded.agent.close(60.0)
    drain()
    assert [packet.data for packet in recorded.packets()] == sent


def serving(backends: AgentBackends | None = None, **settings: Any) -> Recorded:
    """A recorded agent that serves everything there is."""
    recorded = Recorded()
    config = attrs.evolve(
        recorded.agent._core.config,
        registrar=RegistrarConfig(domains=frozenset({"example.com"})),
        compositor=CompositorConfig(packages=(PRESENCE,)),
        event_packages=(PRESENCE,),
        pager=PagerConfig(),
        info_packages=(InfoSupport("dtmf", frozenset({"application/dtmf"})),),
        handed_over=frozenset({"FOO", "*"}),
        authentication=AuthenticationConfig(
            digest=DigestServerConfig(realm="r"),
            methods=frozenset({"REGISTER", "MESSAGE"}),
            users=(Credentials("alice", "wonderland"),),
        ),
    )
    recorded.lines.clear()
    recorded.agent = RecordingAgent(
        config,
        now=0.0,
        ids=Ids(Random("serving").randbytes),
        sink=recorded.lines.append,
        backends=backends or AgentBackends(),
        **settings,
    )
    return recorded


def serve(recorded: Recorded, user: Credentials) -> tuple[list[Transmit], list[AgentEvent]]:
    """Let it do all that it can, and return what comes out."""
    agent, peer = recorded.agent, Peer(recorded.agent)
    sent: list[Transmit] = []
    events: list[AgentEvent] = []
    client = DigestClient((user,))

    def drain() -> None:
        while (transmit := agent.next_transmit()) is not None:
            sent.append(transmit)
        while (event := agent.next_event()) is not None:
            events.append(event)

    for cseq, method in enumerate(("REGISTER", "MESSAGE")):
        uri, body = ("sip:example.com", b"") if method == "REGISTER" else ("sip:alice@192.0.2.1", b"hi")
        extra = [("Contact", "<sip:alice@192.0.2.2>")] if not body else [("Content-Type", "text/plain")]
        request = peer.request(method, call_id=method, cseq=cseq + 1, extra=extra, uri=uri)
        request.body = body
        peer.send(request)
        drain()
        challenge = parse_message(sent[-1].data)
        assert isinstance(challenge, Response)
        again = peer.request(method, call_id=method, cseq=cseq + 7, extra=extra, uri=uri)
        again.body = body
        client.authorize(again, challenge, cnonce="c")
        peer.send(again)
        drain()
    published = peer.request(
        "PUBLISH", extra=[("Event", "presence"), ("Content-Type", "application/pidf+xml")]
    )
    published.body = b"<presence/>"
    peer.send(published)
    contact = ("Contact", "<sip:bob@192.0.2.2>")
    peer.send(peer.request("SUBSCRIBE", call_id="s", extra=[("Event", "presence"), contact]))
    peer.send(peer.request("FOO", call_id="f"))
    agent.respond(1, 299, 1.0, headers=iter([("X-One", "1")]), content_type="text/plain", body=b"\xff")
    agent.send_message("sip:bob@192.0.2.2", 1.0, body=b"\x00hi")
    agent.request("OPTIONS", "sip:bob@192.0.2.2", 1.0, timeout=2.0)
    session = agent.invite("sip:bob@192.0.2.2", media(), 1.0)
    drain()
    invite = parse_message(sent[-1].data)
    assert isinstance(invite, Request)
    peer.respond(invite, 200, body=offer(), extra=[("Recv-Info", "chat")])
    agent.send_info(session, 1.0, package="chat", content_type="text/plain", body=b"in")
    agent.request_in_call(session, "MESSAGE", 1.0, content_type="text/plain", body=b"call")
    drain()
    assert agent.lookup("sip:alice@example.com") is not None
    assert agent.publications("alice@192.0.2.1", "presence")
    while (deadline := agent.deadline) is not None and deadline < 50.0:
        agent.handle_timeout(deadline)
        drain()
    agent.close(60.0)
    drain()
    return sent, events


@pytest.mark.parametrize("secrets", [True, False])
def test_all_services_are_replayed_octet_for_octet(secrets: bool) -> None:
    """SIM-4, SRV-4, SRV-6, CLI-4, MSG-11, AUTH-1: who is let in depends on the password, told or recorded."""
    recorded = serving(secrets=secrets)
    sent, events = serve(recorded, Credentials("alice", "wonderland"))
    assert ("wonderland" in "".join(recorded.lines)) == secrets
    again = recorded.replayed(**({} if secrets else {"passwords": {"alice": "wonderland"}}))
    assert [transmit for item in again for transmit in item.transmits] == sent
    assert list(map(repr, (event for item in again for event in item.events))) == list(map(repr, events))
    kinds = {type(event) for event in events}
    assert kinds >= {
        BindingsChanged,
        MessageReceived,
        StatePublished,
        SubscriptionRequested,
        RequestHandedOver,
    }
    names = {item.name for item in again}
    assert names >= {"respond", "send_message", "send_info", "request_in_call"}
    assert not names & QUESTIONS


def test_backends_are_named_in_a_record_and_have_to_be_given_again() -> None:
    """SIM-4: a replay refuses what it cannot reproduce, and says what it lacks."""

    def backends() -> AgentBackends:
        known = {"carol": Secret("cat")}
        return AgentBackends(
            store=MemoryBindingStore(),
            secrets=lambda username, _realm: known.get(username),
            owns=lambda username, aor: (username, aor) == ("carol", "sip:alice@example.com"),
        )

    recorded = serving(backends(), secrets=True)
    sent, events = serve(recorded, Credentials("carol", "cat"))
    assert any(isinstance(event, BindingsChanged) and event.username == "carol" for event in events)
    assert json.loads(recorded.lines[0])["backends"] == ["store", "secrets", "owns"]
    assert recorded.packets(backends=backends()) == sent
    with pytest.raises(ReplayError, match=r"backends \(store, secrets, owns\).* given are \(\)"):
        recorded.replayed()
    with pytest.raises(ReplayError, match=r"given are \(secrets\)"):
        recorded.replayed(backends=AgentBackends(secrets=lambda *_: None))
    with pytest.raises(ReplayError, match=r"had the backends \(\)"):
        Recorded().replayed(backends=backends())


def test_misuse_is_recorded_and_raises_the_same_again() -> None:
    """SIM-4: a verb that is refused may have drawn random octets."""
    recorded = Recorded()
    with pytest.raises(LocalProtocolError):
        recorded.agent.invite("mailto:bob@example.com", None, 0.0)
    with pytest.raises(LocalProtocolError):
        recorded.agent.answer("nobody", None, 0.0)
    session = recorded.agent.invite("sip:bob@192.0.2.2", media(), 1.0)
    told = [json.loads(line).get("error") for line in recorded.lines[1:]]
    assert told == ["LocalProtocolError", "NoSuchCallError", None]
    last = recorded.replayed()[-1]
    assert (last.line, last.name) == (4, "invite")
    assert last.arguments == {"uri": "sip:bob@192.0.2.2", "media": media(), "now": 1.0}
    assert session


def test_iterator_of_headers_reaches_the_agent_and_the_record() -> None:
    """SIM-4: what can be read once is read once."""
    recorded = Recorded()

    def headers() -> Iterator[tuple[str, str]]:
        yield ("Subject", "once")

    recorded.agent.invite("sip:bob@192.0.2.2", media(), 0.0, headers=headers())
    first = recorded.agent.next_transmit()
    assert first is not None
    assert b"Subject: once" in first.data
    assert recorded.packets() == [first]


def test_message_from_a_framer_is_recorded_as_its_octets() -> None:
    """SIM-4, TRN-2."""
    recorded = Recorded()
    source = Endpoint("TCP", "192.0.2.2", 5060, 3)
    recorded.agent.receive_message(Peer().request("INVITE", body=offer()), source, 0.0)
    recorded.agent.reject(next(iter(recorded.agent._calls._sessions)), 486, 0.0)
    transmit = recorded.agent.next_transmit()
    assert transmit is not None
    assert recorded.packets() == [transmit]
    assert [item.name for item in recorded.replayed()] == ["receive_message", "reject"]


def test_registration_is_replayed_and_its_password_hidden() -> None:
    """SIM-4, CLI-2, ROB-6."""
    recorded = Recorded()
    config = RegistrationConfig(
        address="<sip:alice@192.0.2.2>",
        contacts=("<sip:alice@192.0.2.1>",),
        credentials=(Credentials("alice", "wonderland"),),
    )
    name = recorded.agent.register(config, 0.0)
    sent = []
    while (transmit := recorded.agent.next_transmit()) is not None:
        sent.append(transmit)
    recorded.agent.drop(name, 1.0)
    assert sent
    assert recorded.packets()[: len(sent)] == sent
    assert "wonderland" not in "".join(recorded.lines)


def test_input_that_uses_another_is_one_line() -> None:
    """SIM-4: a datagram becomes a message inside the agent."""
    recorded = Recorded()
    recorded.agent.receive_datagram(Peer().request("OPTIONS").to_bytes(), BOB, 0.0)
    assert len(recorded.lines) == 2


def test_recording_agent_sends_what_an_agent_sends() -> None:
    """SIM-4, law 4: recording changes nothing."""
    plain, recorded = make_agent(), Recorded().agent
    for agent in (plain, recorded):
        agent.invite("sip:bob@192.0.2.2", media(), 0.0)
        agent.handle_timeout(0.5)
    assert plain.next_transmit() == recorded.next_transmit()
    assert plain.next_transmit() == recorded.next_transmit()
    assert plain.deadline == recorded.deadline


def test_first_line_names_format_version_and_configuration() -> None:
    """SIM-4: the record says how to read it."""
    line = json.loads(Recorded().lines[0])
    assert (line["format"], line["version"], line["now"]) == ("sansio_sip.agent", 2, 0.0)
    assert line["config"]["$type"] == "AgentConfig"
    assert all(text.endswith("\n") and text.count("\n") == 1 for text in Recorded().lines)


def first(**changes: object) -> str:
    return json.dumps(json.loads(Recorded().lines[0]) | changes)


def then(**changes: object) -> str:
    recorded = Recorded()
    recorded.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0)
    return json.dumps(json.loads(recorded.lines[1]) | changes)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([""], "line 1: it is damaged"),
        (["[]"], "line 1: it is damaged"),
        (["{}"], "first one of a record"),
        ([first(version=1)], "version 2"),
        ([first(format="other")], "first one"),
        ([first(config=3)], "no configuration"),
        ([first(config={"$type": "AgentConfig"})], "damaged"),
        ([first(config={"$type": "Martian"})], "no Martian"),
        ([first(config={"$odd": 1})], "'\\$odd' is not a kind of value"),
        ([first(config={})], "'' is not a kind"),
        ([first(random=["00"])], "left over"),
        ([first(), "{"], "line 2: it is damaged"),
        ([first(), then(input="format_disk")], "no input 'format_disk'"),
        ([first(), then(input="statistics")], "no input"),
        ([first(), then(random=[])], "are drawn where 0 were"),
        ([first(), then(random=["00"] * 9)], "random octets are drawn where 1 were"),
        ([first(), then(random=[*json.loads(then())["random"], "00"])], "1 draws of random octets are left"),
        ([first(), then(error="LocalProtocolError")], "request raises nothing where it raised LocalProtocol"),
        ([first(), then(arguments={"what": 1})], "other arguments than what"),
        ([first(), then(arguments={"method": {"$octets": "\u1234"}})], "damaged"),
    ],
)
def test_record_that_cannot_be_replayed_says_where_and_why(lines: list[str], message: str) -> None:
    """SIM-4: a damaged line, another version, other code."""
    with pytest.raises(ReplayError, match=message):
        list(replay(lines))


def test_replay_stops_where_the_record_does() -> None:
    """SIM-4: the last line of a process that was killed may be cut off."""
    recorded = Recorded()
    recorded.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    recorded.agent.handle_timeout(0.5)
    recorded.lines[-1] = recorded.lines[-1][:20]
    items = replay(recorded.lines)
    assert next(items).name == "invite"
    with pytest.raises(ReplayError, match="line 3: it is damaged"):
        next(items)


class Suit(enum.Enum):
    HEARTS = 1


class Word(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        0.1,
        "é\udc80",
        b"\x00\xff",
        ("a", ("b", 1)),
        {"UDP": ("192.0.2.1", 5060)},
        pytest.param(frozenset({"a", "b"}), id="frozenset of a and b"),
        Direction.SENDONLY,
        ParseMode.STRICT,
        ALICE,
        media(),
        TimerConfig(t1=0.1),
        Credentials("alice", "secret"),
        [1, ["a"], {"b": [None]}],
    ],
    ids=repr,
)
def test_value_is_the_same_after_json(value: object) -> None:
    """SIM-4."""
    text = json.dumps(encode(value, secrets=True))
    assert decode(json.loads(text), lambda *_: "") == value


def test_part_of_a_body_is_the_same_after_json() -> None:
    """SIM-4: fields in order, octets as they are."""
    part = BodyPart.of("application/x", b"\0\xff", [("Content-ID", "<1@2>")])
    again = decode(json.loads(json.dumps(encode(part, secrets=False))), lambda *_: "")
    assert isinstance(again, BodyPart)
    assert (again.fields, again.body) == (part.fields, part.body)


def test_values_that_no_replay_can_make() -> None:
    """SIM-4: they are written by name, and a replay refuses what it does not know."""
    assert encode(Word("x"), secrets=False) == "x"
    assert encode(Suit.HEARTS, secrets=False) == {"$type": "Suit", "name": "HEARTS"}
    with pytest.raises(ReplayError, match="no Suit"):
        decode({"$type": "Suit", "name": "HEARTS"}, lambda *_: "")


# Interfaces and aliases: of an interface only our own values come back from a record.
OTHERS = {
    "Any",
    "Attributes",
    "BodyPart",
    "Callable",
    "Ellipsis",
    "EventState",
    "Hashable",
    "Iterable",
    "Mapping",
    "None",
    "Request",
    "Response",
    "Params",
    "Record",
    "Sequence",
}
ALIASES = re.compile("_[A-Z][A-Za-z]+")


def names_in(annotation: str) -> set[str]:
    """The classes that an annotation names."""
    words = set(re.findall(r"[A-Za-z_]\w*", annotation))
    return {word for word in words if word[0].isupper() or ALIASES.fullmatch(word)}


def classes_of_inputs() -> set[str]:
    """The classes of all arguments of all inputs, and of what they hold."""
    wanted = ["AgentConfig"]
    for name in INPUTS:
        annotations = getattr(Agent, name).__annotations__
        wanted += [word for key, hint in annotations.items() if key != "return" for word in names_in(hint)]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            kind = _TYPES.get(name)
            if kind is not None and attrs.has(kind):
                wanted += [word for field in attrs.fields(kind) for word in names_in(str(field.type))]
    return seen


def test_every_argument_of_every_input_can_be_recorded() -> None:
    """SIM-4: a new verb with a value of a new class has to make it known."""
    found = classes_of_inputs()
    assert {"AgentConfig", "Credentials", "Endpoint", "LocalMedia", "MediaFormat", "TimerConfig"} <= found
    assert {"AddressRecord", "NaptrRecord", "SrvRecord"} <= _TYPES.keys()  # all that a Record may be
    unknown = {name for name in found - _TYPES.keys() - OTHERS if not ALIASES.fullmatch(name)}
    assert not unknown


def test_no_two_classes_of_records_have_the_same_name() -> None:
    """SIM-4: a name in a record means one class."""
    for module in _MODULES:
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if name in _TYPES and isinstance(value, type):
                assert _TYPES[name] is value, name


def test_what_is_not_recorded_only_asks() -> None:
    """SIM-4: a new method counts as an input until somebody says that it is none."""
    others = {name for name in dir(Agent) if name[0] != "_"} - set(INPUTS)
    assert others == QUESTIONS | {"closed", "deadline"}
    assert not any("now" in argument_names(getattr(Agent, name)) for name in QUESTIONS)


def test_call_that_moved_to_another_process_is_replayed_there() -> None:
    """SIM-4, DLG-7: the snapshot is an input like any other, a list in it stays a list."""
    peer = Peer()
    session, _, _ = peer.established_from_agent()
    peer.pass_time(40.0)
    snapshot = json.loads(json.dumps(peer.agent.export_call(session, 40.0)))
    recorded = Recorded()
    recorded.agent.import_call(snapshot, 41.0)
    recorded.agent.hang_up(session, 42.0)
    bye = recorded.agent.next_transmit()
    assert bye is not None
    assert bye.data.startswith(b"BYE")
    recorded.agent.release_call(session, 42.0)
    assert recorded.packets() == [bye]
    assert [item.name for item in recorded.replayed()] == ["import_call", "hang_up", "release_call"]


def test_answers_of_the_dns_are_replayed() -> None:
    """SIM-4, TRN-11: records of each type, a question that failed, a connection that is gone."""
    recorded = Recorded()
    agent = recorded.agent
    agent.request("OPTIONS", "sip:bob@example.com", 0.0)
    naptr = [NaptrRecord(1, 1, "s", "SIP+D2U", "_sip._udp.example.com")]
    agent.receive_dns_answer(1, naptr, 60.0, 0.1)
    agent.receive_dns_answer(2, [SrvRecord(1, 1, 5060, "a.example.com")], 60.0, 0.2)
    agent.dns_failed(4, 0.3)
    agent.receive_dns_answer(3, iter([AddressRecord("192.0.2.2"), AddressRecord("192.0.2.3")]), 60.0, 0.4)
    agent.flow_failed(BOB, "refused", 0.5, [b"SIP/2.0 200 OK"])
    sent = list(iter(agent.next_transmit, None))
    assert [transmit.destination.host for transmit in sent] == ["192.0.2.2", "192.0.2.3"]
    assert recorded.packets() == sent
