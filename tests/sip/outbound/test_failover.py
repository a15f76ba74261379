"""Requests that go to the next server when one fails (RFC 3263 §4.3), as their users see it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.agent import RequestFailed, ResponseReceived
from sansio_sip.auth import Credentials
from sansio_sip.headers import EventType
from sansio_sip.invite import (
    CallAnswered,
    CallEnded,
    CallProgress,
    Cancelled,
    Rejected,
    TimedOut,
    TransportLost,
)
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request
from sansio_sip.register import Registered, RegistrationConfig
from sansio_sip.resolve import DnsQuestion, ResolverConfig
from sansio_sip.subscribe import SubscribeOrder, SubscriptionEnded
from tests.sip.harness import BOB, AgentPair, Phone, lossy, media, tables
from tests.sip.names import Zone
from tests.sip.outbound.farm import HOSTS, ONE, THREE, TWO, URI, Farm, zone

NAMED = "<sip:bob@example.com>"


def fail(farm: Farm, request: Request, where: Endpoint, how: str) -> None:
    """Let a server fail in one of the three ways."""
    if how == "503":
        farm.respond(request, 503)
    elif how == "transport":
        farm.fail(where)
    else:
        farm.now += 32.0
        farm.agent.handle_timeout(farm.now)


def requests(farm: Farm, method: str) -> list[tuple[Endpoint, Request]]:
    return [(out.to, out.message) for out in farm.out() if out.message.method == method]


HOW = pytest.mark.parametrize("how", ["503", "transport", "timeout"])


@HOW
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_next_server_gets_the_same_request_with_a_new_branch(method: str, how: str) -> None:
    """TRN-11: RFC 3263 §4.3; the user hears of the last server only."""
    farm = Farm()
    if method == "INVITE":
        farm.call()
    else:
        farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    first = farm.one(ONE, method)
    fail(farm, first, ONE, how)
    ((to, second),) = requests(farm, method)
    assert to == TWO
    assert second.via.branch != first.via.branch
    ours, theirs = (message.copy() for message in (first, second))
    ours.remove("via")
    theirs.remove("via")
    assert ours.to_bytes() == theirs.to_bytes()
    assert farm.told(CallEnded) == farm.told(RequestFailed) == farm.told(ResponseReceived) == []
    farm.respond(second, 200)
    if method == "INVITE":
        assert farm.out()[0].message.method == "ACK"
        assert len(farm.told(CallAnswered)) == 1
    else:
        farm.out()
        assert [event.response.status_code for event in farm.told(ResponseReceived)] == [200]
    assert farm.agent.statistics().failovers == 1


def test_the_last_failure_is_the_one_that_is_heard_of() -> None:
    """TRN-11, TXN-7."""
    farm = Farm(zone(1, 2))
    farm.call()
    farm.fail(farm.out()[0].to, "no route")
    invite = farm.one(TWO, "INVITE")
    farm.respond(invite, 503, extra=[("Retry-After", "7")])
    farm.one(TWO, "ACK")
    assert [event.end for event in farm.told(CallEnded)] == [
        Rejected(503, "Service Unavailable", retry_after=7)
    ]
    farm.agent.request("OPTIONS", URI, farm.now, timeout=200.0)
    for where in (ONE, TWO):
        farm.one(where, "OPTIONS")
        farm.fail(where, f"{where.host} is closed")
    farm.out()
    assert farm.told(RequestFailed)[0].cause == "192.0.2.12 is closed"


def test_each_server_has_its_whole_time() -> None:
    """TRN-11: timer B for each; together they may take long."""
    farm = Farm(zone(1, 2))
    farm.call()
    sent = farm.wait(64.5)
    assert [out.to for out in sent if out.message.method == "INVITE"].count(TWO) >= 1
    assert [event.end for event in farm.told(CallEnded)] == [TimedOut()]
    assert farm.agent.statistics().failovers == 1


@pytest.mark.parametrize("status", [404, 408, 480, 486, 500, 504, 603])
def test_no_other_answer_goes_to_the_next_server(status: int) -> None:
    """TRN-11: RFC 3263 §4.3: only 503."""
    farm = Farm()
    number = farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    farm.respond(farm.one(ONE, "OPTIONS"), status)
    assert farm.out() == []
    (event,) = farm.told(ResponseReceived)
    assert (event.request, event.response.status_code) == (number, status)


def test_late_503_of_the_first_server_is_acknowledged_where_it_came_from() -> None:
    """TXN-1, TRN-11: the first transaction keeps its own Via for as long as copies may come."""
    farm = Farm(zone(1, 2, tcp=True))
    farm.call()
    first = farm.one(ONE, "INVITE")
    farm.respond(first, 503)
    ack, second = farm.out()
    assert (ack.to, ack.message.method) == (ONE, "ACK")
    assert ack.message.via.branch == first.via.branch
    farm.respond(first, 503)
    (again,) = farm.out()
    assert (again.to, again.message.to_bytes()) == (ack.to, ack.message.to_bytes())
    farm.respond(second.message, 486)
    (other,) = farm.out()
    assert (other.to, other.message.via.branch) == (TWO, second.message.via.branch)
    assert [event.end for event in farm.told(CallEnded)] == [Rejected(486, "Busy Here")]
    assert farm.agent.statistics().stray_responses == 0


# After a provisional answer


def test_503_after_100_goes_on_and_after_180_ends_the_call() -> None:
    """TRN-11: a 100 is of the next hop; a 180 has made an early dialog that the user knows."""
    farm = Farm()
    farm.call()
    first = farm.one(ONE, "INVITE")
    farm.respond(first, 100)
    farm.respond(first, 503)
    second = farm.out()[1].message
    farm.respond(second, 180)
    farm.respond(second, 503)
    assert [out.message.method for out in farm.out()] == ["ACK"]
    assert [event.status_code for event in farm.told(CallProgress)] == [180]
    assert [event.end for event in farm.told(CallEnded)] == [Rejected(503, "Service Unavailable")]


def test_server_that_said_something_is_not_doubled() -> None:
    """TRN-11, TXN-2: "without ever having received any response": it has the request."""
    farm = Farm()
    farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    farm.respond(farm.one(ONE, "OPTIONS"), 100)
    assert {out.to for out in farm.wait(40.0)} == {ONE}
    assert farm.told(RequestFailed)[0].status_code == 408
    farm.agent.request("OPTIONS", URI, farm.now, timeout=200.0)
    farm.respond(farm.one(ONE, "OPTIONS"), 100)
    farm.fail(ONE, "reset")
    assert farm.out() == []
    assert farm.told(RequestFailed)[1].cause == "reset"
    assert farm.agent.statistics().failovers == 0


# Taking back


def test_hang_up_between_two_servers_sends_nothing_more() -> None:
    """TXN-4, TRN-11: CANCEL waits for an answer of the first server (§9.1); the second is never asked."""
    farm = Farm()
    session = farm.call()
    farm.one(ONE, "INVITE")
    farm.agent.hang_up(session, 1.0)
    assert {out.to for out in farm.wait(60.0)} == {ONE}
    assert [event.end for event in farm.told(CallEnded)] == [Cancelled()]
    assert farm.agent.deadline is None
    assert not any(tables(farm.agent).values())


@HOW
def test_hang_up_at_the_second_server_ends_there(how: str) -> None:
    """TXN-4, TRN-11: the CANCEL has the branch of the second try, and the third server is never asked."""
    farm = Farm()
    session = farm.call()
    fail(farm, farm.one(ONE, "INVITE"), ONE, how)
    ((_, second),) = requests(farm, "INVITE")
    farm.respond(second, 100)
    farm.agent.hang_up(session, farm.now)
    cancel = farm.one(TWO, "CANCEL")
    assert cancel.via.branch == second.via.branch
    farm.respond(cancel, 200)
    farm.respond(second, 503)  # it should have been a 487
    assert [out.message.method for out in farm.out()] == ["ACK"]
    assert [event.end for event in farm.told(CallEnded)] == [Cancelled()]
    farm.wait(60.0)
    assert not any(tables(farm.agent).values())


def test_call_taken_back_in_the_lookup_leaves_no_lookup() -> None:
    """TXN-4, TRN-11: and what the DNS says later is of no interest."""
    farm = Farm()
    session = farm.call()
    question = farm.agent.next_event()
    assert isinstance(question, DnsQuestion)
    farm.agent.hang_up(session, 0.5)
    farm.zone.answer(farm.agent, question, 1.0)
    assert farm.out() == []
    assert not any(tables(farm.agent).values())
    assert farm.agent.deadline is None


# Everybody who sends requests


def test_requests_inside_a_call_have_servers_too() -> None:
    """TRN-11, DLG-3: the remote target is a name; ACK and BYE follow it, each with a lookup of its own."""
    farm = Farm()
    session = farm.call()
    farm.respond(farm.one(ONE, "INVITE"), 200, contact=NAMED)
    farm.one(ONE, "ACK")
    farm.agent.hang_up(session, 1.0)
    bye = farm.one(ONE, "BYE")
    farm.respond(bye, 503)
    again = farm.one(TWO, "BYE")
    assert (again.cseq, again.via.branch == bye.via.branch) == (bye.cseq, False)
    farm.respond(again, 200)
    farm.wait(40.0)
    assert not any(tables(farm.agent).values())


@HOW
def test_registration_moves_to_the_next_registrar(how: str) -> None:
    """CLI-1, TRN-11."""
    farm = Farm()
    config = RegistrationConfig(address="<sip:alice@example.com>", contacts=("<sip:alice@192.0.2.1>",))
    farm.agent.register(config, 0.0)
    register = farm.one(ONE, "REGISTER")
    fail(farm, register, ONE, how)
    ((to, again),) = requests(farm, "REGISTER")
    assert (to, again.cseq) == (TWO, register.cseq)
    farm.respond(again, 200, extra=[("Contact", "<sip:alice@192.0.2.1>;expires=600")])
    farm.out()
    assert [event.expires for event in farm.told(Registered)] == [600]


@HOW
def test_subscription_moves_to_the_next_server(how: str) -> None:
    """CLI-5, TRN-11."""
    farm = Farm()
    order = SubscribeOrder(uri=URI, event=EventType.parse("presence"), from_="<sip:alice@example.com>")
    name = farm.agent.subscribe(order, 0.0)
    subscribe = farm.one(ONE, "SUBSCRIBE")
    fail(farm, subscribe, ONE, how)
    ((to, again),) = requests(farm, "SUBSCRIBE")
    assert (to, again.cseq) == (TWO, subscribe.cseq)
    farm.respond(again, 489)
    farm.out()
    assert [event.subscription for event in farm.told(SubscriptionEnded)] == [name]


def test_challenge_of_the_second_server_is_answered_there_or_where_the_dns_says() -> None:
    """AUTH-1, TRN-11: the request with credentials is a new one, and avoids what failed."""
    farm = Farm(credentials=(Credentials("alice", "secret"),))
    farm.call()
    farm.respond(farm.one(ONE, "INVITE"), 503)
    second = farm.out()[1].message
    farm.respond(second, 407, extra=[("Proxy-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    ack, third = farm.out()
    assert (ack.to, ack.message.via.branch) == (TWO, second.via.branch)
    assert (third.to, third.message.get("proxy-authorization") is None) == (TWO, False)
    farm.respond(third.message, 503)
    fourth = farm.out()[-1]
    assert (fourth.to, fourth.message.get("proxy-authorization")) == (
        THREE,
        third.message.get("proxy-authorization"),
    )


def test_flow_that_is_given_has_no_other_way() -> None:
    """SRV-7: RFC 5626 §5.3: a number and a flow are one target."""
    farm = Farm()
    farm.agent.request("OPTIONS", "sip:bob@192.0.2.11", 0.0, timeout=200.0)
    farm.respond(farm.one(ONE, "OPTIONS"), 503)
    assert farm.out() == []
    assert farm.zone.asked == []
    assert [event.response.status_code for event in farm.told(ResponseReceived)] == [503]


# What is remembered of servers


def first_servers(farm: Farm, count: int = 1) -> list[Endpoint]:
    """Where requests go first; each is answered."""
    found = []
    for _ in range(count):
        farm.agent.request("OPTIONS", URI, farm.now, timeout=200.0)
        (out,) = farm.out()
        farm.respond(out.message, 200)
        found.append(out.to)
    return found


@HOW
def test_failed_server_is_tried_last_for_half_a_minute(how: str) -> None:
    """TRN-11: the blacklist, and its end."""
    farm = Farm()
    farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    fail(farm, farm.one(ONE, "OPTIONS"), ONE, how)
    farm.respond(farm.one(TWO, "OPTIONS"), 200)
    assert first_servers(farm) == [TWO]
    farm.wait(29.0)
    assert first_servers(farm) == [TWO]
    farm.wait(1.0)
    assert first_servers(farm) == [ONE]


@pytest.mark.parametrize(
    ("value", "seconds"), [("100", 100), ("100 (maintenance)", 100), ("soon", 30), ("999999", 3_600)]
)
def test_retry_after_of_a_503_is_heeded(value: str, seconds: int) -> None:
    """TRN-11: RFC 3261 §21.5.4; an hour at most, and what cannot be read says nothing."""
    farm = Farm()
    farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    farm.respond(farm.one(ONE, "OPTIONS"), 503, extra=[("Retry-After", value)])
    farm.respond(farm.one(TWO, "OPTIONS"), 200)
    farm.now = seconds - 0.5
    assert first_servers(farm) == [TWO]
    farm.now = float(seconds)
    farm.zone.ttl = 1.0
    assert first_servers(farm) == [ONE]


def test_server_that_answers_is_forgiven_at_once() -> None:
    """TRN-11: when all others fail it is tried again, and then it is as good as any."""
    farm = Farm(zone(1, 2))
    farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    for where in (ONE, TWO):
        farm.one(where, "OPTIONS")
        farm.fail(where)
    farm.out()
    assert first_servers(farm, 2) == [ONE, ONE]


def test_weights_decide_by_chance_and_the_seed_decides_the_chance() -> None:
    """TRN-11, law 4: RFC 2782."""
    rows = [(1, 80, 5060, "s1.example.com"), (1, 20, 5060, "s2.example.com"), (2, 0, 5060, "s3.example.com")]

    def order(seed: int) -> list[Endpoint]:
        farm = Farm(Zone(HOSTS, {"_sip._udp.example.com": rows}), seed=seed, tcp=False)
        return first_servers(farm, 60)

    assert order(1) == order(1) != order(2)
    count = Counter(where for seed in range(5) for where in order(seed))
    assert set(count) == {ONE, TWO}
    assert 200 < count[ONE] < 275


# A DNS that fails, lies, or is late


def test_domain_without_anything_fails_and_names_itself() -> None:
    """TRN-11, TXN-7."""
    farm = Farm(Zone({}))
    farm.call()
    assert farm.out() == []
    assert [event.end for event in farm.told(CallEnded)] == [TransportLost("example.com has no address")]


def test_dns_that_answers_too_late_ends_the_call_once() -> None:
    """TRN-11: the lookup has its time; what comes after it is ignored."""
    farm = Farm(resolver=ResolverConfig(timeout=3.0))
    farm.call()
    question = farm.agent.next_event()
    assert isinstance(question, DnsQuestion)
    assert farm.agent.deadline == 3.0
    farm.wait(3.0)
    assert [event.end for event in farm.told(CallEnded)] == [TransportLost("the DNS did not answer in time")]
    farm.zone.answer(farm.agent, question, 3.5)
    assert farm.wait(60.0) == []
    assert not any(tables(farm.agent).values())


def test_thousands_of_records_are_a_few_targets() -> None:
    """TRN-11, law 8: `max_targets` bounds names, questions and tries."""
    hosts = {f"h{number}.example.com": [f"198.51.100.{number % 250}"] for number in range(5_000)}
    rows = [(1, 1, 5060, name) for name in hosts]
    farm = Farm(
        Zone(hosts, {"_sip._udp.example.com": rows}), resolver=ResolverConfig(max_targets=4, families=("A",))
    )
    farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    tried = 0
    while out := farm.out():
        farm.fail(out[0].to)
        tried += 1
    assert tried == 4
    assert len(farm.told(RequestFailed)) == 1
    assert len(farm.zone.asked) < 10


def test_lookups_have_a_limit() -> None:
    """TRN-11, law 8: what is beyond fails at once."""
    farm = Farm(resolver=ResolverConfig(max_lookups=3))
    for _ in range(5):
        farm.agent.request("OPTIONS", URI, 0.0, timeout=200.0)
    assert farm.agent.statistics().lookups == 3
    told = [event for event in iter(farm.agent.next_event, None) if isinstance(event, RequestFailed)]
    assert [event.cause for event in told] == ["too many lookups are open"] * 2


@settings(max_examples=60, deadline=None)
@given(
    script=st.lists(
        st.sampled_from(["503", "transport", "timeout", "100", "180", "486", "200"]), max_size=12
    ),
    priorities=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    seed=st.integers(0, 9),
)
def test_any_order_of_failures_ends_in_one_word_to_the_user(
    script: list[str], priorities: list[int], seed: int
) -> None:
    """TRN-11, TXN-7: each server has the INVITE once; the user hears one end; nothing is left."""
    farm = Farm(zone(*priorities), seed=seed)
    session = farm.call()
    tried: list[tuple[Endpoint, str]] = []
    invite: Request | None = None
    for step in [*script, "end"]:
        for out in farm.out():
            if out.message.method == "INVITE" and (out.to, out.message.via.branch) not in tried:
                invite = out.message
                tried.append((out.to, invite.via.branch))
        assert invite is not None
        if step.isdigit() and step != "503":
            farm.respond(invite, int(step))
        elif step != "end":
            fail(farm, invite, tried[-1][0], step)
    farm.agent.hang_up(session, farm.now)
    for out in farm.out():
        if out.message.method == "BYE":
            farm.respond(out.message, 200)
    farm.wait(200.0)
    assert len({where for where, _ in tried}) == len(tried) <= len(priorities)
    assert len({branch for _, branch in tried}) == len(tried)
    assert len(farm.told(CallEnded)) == 1
    assert not any(tables(farm.agent).values())
    assert farm.agent.deadline is None


# Two agents


class Domain(AgentPair):
    """Alice calls a domain of two servers: one is dead, the other is bob behind a bad wire."""

    DEAD = "192.0.2.11"

    def __init__(self, seed: int) -> None:
        super().__init__(seed=seed, fate=lossy(seed, loss=0.2, duplicate=0.2, reorder=0.3))
        names = {"dead.example.com": [self.DEAD], "bob.example.com": [BOB.host]}
        rows = [(1, 1, 5060, "dead.example.com"), (2, 1, 5060, "bob.example.com")]
        dns = Zone(names, {"_sip._udp.example.com": rows})
        self.a.on_event = lambda event: dns.answer_event(self.a.agent, event, self.now)

    def _flush(self, phone: Phone, other: Phone) -> bool:
        transmits = phone.agent._transmits
        kept = [transmit for transmit in transmits if transmit.destination.host != self.DEAD]
        if len(kept) < len(transmits):
            transmits.clear()
            transmits.extend(kept)
        return super()._flush(phone, other)


@pytest.mark.parametrize("seed", range(6))
def test_call_reaches_the_living_server_of_two_over_a_bad_wire(seed: int) -> None:
    """TRN-11, SIM-2: after timer B; both calls end, and nothing is left."""
    pair = Domain(seed)
    pair.answer_calls()
    session = pair.a.agent.invite(URI, media(), 0.0)
    pair.run(until=50.0)
    assert [event for event in pair.a.events if isinstance(event, CallAnswered)], pair.ladder()
    assert pair.a.agent.statistics().failovers == 1
    pair.a.agent.hang_up(session, pair.now)
    pair.run()
    assert len(pair.a.ends) == len(pair.b.ends) == 1
    pair.assert_quiet()


@pytest.mark.parametrize("answered", [False, True])
def test_change_of_a_call_that_is_over_goes_nowhere_else(answered: bool) -> None:
    """SES-11, TRN-11: BYE overtakes a re-INVITE that waits for the DNS, or for a server that is silent."""
    farm = Farm(zone(1, 2, ttl=0.0))
    session = farm.call()
    farm.respond(farm.one(ONE, "INVITE"), 200, contact=NAMED)
    farm.one(ONE, "ACK")
    farm.agent.update_media(session, media(), 1.0)
    if answered:
        farm.one(ONE, "INVITE")
    farm.agent.hang_up(session, 2.0)
    sent = farm.wait(70.0)
    assert [out.to for out in sent if out.message.method == "BYE"].count(TWO)
    assert not [out for out in sent if out.message.method == "INVITE" and out.to == TWO]
    assert bool([out for out in sent if out.message.method == "INVITE"]) == answered
    farm.wait(100.0)
    assert not any(tables(farm.agent).values())
