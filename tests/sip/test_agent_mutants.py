"""20,000 damaged messages, thrown at an agent that has a call: nothing leaves it, and the call lives on."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from sansio_sip.agent import Agent, MessageRefused
from sansio_sip.invite import IncomingCall
from sansio_sip.machine import Endpoint
from sansio_sip.message import MAX_CSEQ, Request, Response, build_response, parse_message
from sansio_sip.resolve import DnsQuestion
from tests.sip.harness import BOB, Peer, make_agent, media, offer, tables

BLOCKS, PER_BLOCK = 20, 1_000
STRANGER = Endpoint("UDP", "203.0.113.9", 5060)

Mutation = Callable[[Random, bytes, list[bytes]], bytes]

NUMBERS = [b"-1", b"0", b"4294967296", b"2147483648", b"9" * 400, b"1e9", b"0x10", b"\xd9\xa1"]
NOISE = [
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b"@",
    b"%",
    b"%00",
    b"\xff",
    b" \t",
]


def flip(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    octets = bytearray(data)
    for _ in range(random.randrange(1, 6)):
        octets[random.randrange(len(octets))] ^= 1 << random.randrange(8)
    return bytes(octets)


def truncate(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    return data[: random.randrange(len(data))]


def double_line(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    lines.insert(random.randrange(len(lines)), random.choice(lines))
    return b"\r\n".join(lines)


def drop_line(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    del lines[random.randrange(len(lines))]
    return b"\r\n".join(lines)


def shuffle_lines(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    random.shuffle(lines)
    return b"\r\n".join(lines)


def splice(random: Random, data: bytes, others: list[bytes]) -> bytes:
    other = random.choice(others)
    return data[: random.randrange(len(data))] + other[random.randrange(len(other)) :]


def huge_number(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    digits = [i for i, octet in enumerate(data) if 48 <= octet <= 57] or [0]
    place = random.choice(digits)
    return data[:place] + random.choice(NUMBERS) + data[place + 1 :]


def insert_noise(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(data))
        data = data[:place] + random.choice(NOISE) * random.choice([1, 1, 2, 50]) + data[place:]
    return data


def long_line(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + random.choice([b"a", b";", b",", b"<", b" "]) * 9_000 + data[place:]


def change_value(random: Random, data: bytes, _all: list[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    line = random.randrange(len(lines))
    name, colon, _ = lines[line].partition(b":")
    values = [b"", b"*", b"<>", b'"', b"sip:", b"<sip:@>", b"x;tag=", b"1", b"SIP/2.0/UDP", b"z9hG4bK"]
    lines[line] = name + colon + b" " + random.choice(values)
    return b"\r\n".join(lines)


MUTATIONS: list[Mutation] = [
    flip,
    truncate,
    double_line,
    drop_line,
    shuffle_lines,
    splice,
    huge_number,
    insert_noise,
    long_line,
    change_value,
]


class Bench:
    """An agent with a call that it made and one that came, and what a peer could send in and beside them."""

    def __init__(self) -> None:
        self.peer = Peer(make_agent(max_calls=50, max_transactions=5_000))
        _, self.invite, _ = self.peer.established_from_agent()
        _, self.tag = self.peer.established_to_agent()
        self.originals = [message.to_bytes() for message in self._messages()]

    def _messages(self) -> list[Request | Response]:
        peer, sdp = self.peer, offer()
        routes = (("Record-Route", "<sip:p1.example.com;lr>, <sip:p2.example.com;lr>"),)
        answer = {"to_tag": "x", "extra": (("Contact", "<sip:bob@192.0.2.2>"),)}
        return [
            peer.request("INVITE", call_id="new", body=sdp, extra=routes),
            peer.request("OPTIONS", call_id="options"),
            peer.request("CANCEL", call_id="new"),
            peer.request("ACK", to_tag=self.tag),
            peer.request("INFO", to_tag=self.tag, cseq=2, body=sdp),
            peer.request("MESSAGE", call_id="m", extra=(("Subject", '"quoted \\" text"'),)),
            peer.request("INVITE", to_tag=self.tag, cseq=2, body=sdp),
            build_response(self.invite, 180, **answer),  # type: ignore[arg-type]
            build_response(self.invite, 200, **answer, content_type="application/sdp", body=sdp),  # type: ignore[arg-type]
            build_response(self.invite, 401, extra=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')]),
        ]

    def mutant(self, random: Random) -> bytes:
        data = random.choice(self.originals)
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            if data:
                data = random.choice(MUTATIONS)(random, data, self.originals)
        if random.random() < 0.5:  # what is still well-formed shall not always be a repeat
            data = data.replace(b"branch=z9hG4bK", b"branch=z9hG4bK%x" % random.getrandbits(40))
        return data


def act_on_events(agent: Agent, now: float) -> int:
    """Let the user refuse what looks like a call, and the DNS know no name; return how many events came."""
    count = 0
    while (event := agent.next_event()) is not None:
        count += 1
        if isinstance(event, IncomingCall):
            agent.reject(event.session, 486, now)
        elif isinstance(event, DnsQuestion):
            agent.dns_failed(event.question, now)
    return count


@pytest.mark.parametrize("block", range(BLOCKS))
def test_mutants_are_answered_handled_or_counted_and_hurt_nobody(block: int) -> None:
    """MSG-9, TST-1: no exception, no harm to the call, and nothing is left when all timers have run."""
    throw_mutants(Random(block), Bench(), PER_BLOCK)


def throw_mutants(random: Random, bench: Bench, count: int) -> None:
    agent, now = bench.peer.agent, 0.0
    for number in range(count):
        data = bench.mutant(random)
        source = BOB if random.random() < 0.8 else STRANGER
        before = agent.statistics()
        agent.receive_datagram(data, source, now)
        events = act_on_events(agent, now)
        sent = drain(agent)
        malformed = agent.statistics().malformed > before.malformed
        what_is_sent_is_harmless(data, sent, malformed=malformed)
        after = agent.statistics()
        counted = (
            after.malformed
            + after.keep_alives
            + after.stray_responses
            + after.retransmissions_received
            + after.messages_received
            > before.malformed
            + before.keep_alives
            + before.stray_responses
            + before.retransmissions_received
            + before.messages_received
        )
        assert counted or sent or events, data
        if number % 50 == 0:
            now += 1.0
            agent.handle_timeout(now)
            drain(agent)  # repeats belong to earlier ones
    the_calls_are_unharmed(bench, now)


def drain(agent: Agent) -> list[bytes]:
    sent = []
    while (transmit := agent.next_transmit()) is not None:
        sent.append(transmit.data)
    return sent


def what_is_sent_is_harmless(data: bytes, sent: list[bytes], *, malformed: bool) -> None:
    """Answers are well-formed, as far as the request was, and no amplifier for who forges a source."""
    for answer in sent:
        assert b"\0" not in answer.replace(b"\\\0", b"")  # behind a backslash, in quotes, it is copied
        assert len(answer) < len(data) + 1_000
        if not malformed:
            parse_message(answer)


def the_calls_are_unharmed(bench: Bench, now: float) -> None:
    """Both calls still answer and end as ever; then everything runs out."""
    peer, agent = bench.peer, bench.peer.agent
    peer.now = now
    peer.sent()
    for options in (
        peer.request("OPTIONS", to_tag=bench.tag, cseq=MAX_CSEQ, branch="z9hG4bKalive1"),
        peer.request(
            "OPTIONS",
            to_tag=bench.invite.from_tag,
            call_id=bench.invite.call_id,
            cseq=MAX_CSEQ,
            branch="z9hG4bKalive2",
        ),
    ):
        peer.send(options)
        (answer,) = [m for m in peer.sent() if isinstance(m, Response) and m.via.branch == options.via.branch]
        assert answer.status_code == 200
    agent.close(now)
    for message in peer.sent():
        if isinstance(message, Request) and message.method == "BYE":
            peer.respond(message, 200)
    act_on_events(agent, now)
    peer.pass_time(now + 300.0)
    peer.sent()
    assert agent.closed, tables(agent)
    assert agent.deadline is None


def test_same_seed_makes_the_same_mutants_and_the_same_answers() -> None:
    """SIM-1, law 4."""

    def run() -> list[bytes]:
        random, bench = Random(99), Bench()
        log = []
        for _ in range(300):
            data = bench.mutant(random)
            bench.peer.agent.receive_datagram(data, BOB, 0.0)
            while (transmit := bench.peer.agent.next_transmit()) is not None:
                log.append(transmit.data)
            act_on_events(bench.peer.agent, 0.0)
        return log

    assert run() == run()


def test_refusals_are_told_without_the_message() -> None:
    """EVT-1: an event is a snapshot, and a flood of events holds no live object but the error."""
    peer = Peer()
    peer.send(peer.request("OPTIONS", cseq_method="INFO"))
    peer.sent()
    (event,) = peer.events()
    assert isinstance(event, MessageRefused)
    with pytest.raises(AttributeError):
        event.source = BOB  # type: ignore[misc]


def test_media_of_the_live_call_is_what_was_agreed() -> None:
    """SDP-6: a description in a stray response changes nothing."""
    bench = Bench()
    session = next(iter(bench.peer.agent._calls._sessions.values()))
    agreed = session.negotiation.media
    assert agreed is not None
    assert agreed.local_port == media().port
    bench.peer.respond(bench.invite, 200, body=offer("203.0.113.66"))
    assert session.negotiation.media == agreed
