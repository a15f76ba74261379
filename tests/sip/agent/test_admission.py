"""Which new work an agent takes on: limits, overload, scanners and bans (SEC-1, SES-28, TRN-13)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from sansio_sip.agent import AdmissionConfig, AdmissionStatistics, AuthenticationConfig
from sansio_sip.auth import Credentials, DigestClient, DigestServerConfig
from sansio_sip.invite import CallEnded, IncomingCall
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response
from sansio_sip.register import RegistrarConfig
from tests.sip.agent.net import left_over, peer_of
from tests.sip.harness import BOB, Peer, media

CAROL = Endpoint("UDP", "192.0.2.3", 5060)
_NUMBERS = itertools.count(1)
LATE = 1.0  # s that messages wait: far above the limit
SIX = Endpoint("UDP", "2001:db8:0:1::2", 5060)
SIX_BESIDE = Endpoint("UDP", "2001:db8:0:1::3", 5060)


def guarded(**settings: Any) -> Peer:
    """Somebody who speaks with an agent that has such limits."""
    agent_settings = {
        name: settings.pop(name) for name in ("max_calls", "authentication", "registrar") if name in settings
    }
    return peer_of(admission=AdmissionConfig(**settings), **agent_settings)


def counts(peer: Peer) -> AdmissionStatistics:
    found = peer.agent.statistics().admission
    assert found is not None
    return found


def invite(peer: Peer, name: str, **more: Any) -> Request:
    return peer.request("INVITE", call_id=name, branch=f"z9hG4bK-{name}", **more)


def call(peer: Peer, name: str, source: Endpoint | None = None) -> list[str]:
    """Send a new INVITE; return what comes back, or ``in`` when the agent shows the call to its user."""
    peer.send(invite(peer, name), source)
    return answers(peer)


def answers(peer: Peer) -> list[str]:
    shown = [event for event in peer.events() if isinstance(event, IncomingCall)]
    return peer.lines() + ["in"] * len(shown)


def options(peer: Peer, **more: Any) -> list[str]:
    """Send a new OPTIONS; return what comes back."""
    peer.send(peer.request("OPTIONS", call_id=f"options-{next(_NUMBERS)}", **more))
    return peer.lines()


def begun(peer: Peer, name: str) -> str:
    """Let a call in; return its name at the agent."""
    peer.send(invite(peer, name))
    (event,) = [event for event in peer.events() if isinstance(event, IncomingCall)]
    return event.session


def ack_of(peer: Peer, request: Request) -> Request:
    return peer.request("ACK", call_id=request.call_id, branch=request.via.branch, to_tag="stateless")


# Overload


def test_new_call_is_refused_without_state_while_messages_wait_too_long() -> None:
    """TRN-13, SES-28: 503 with Retry-After, no transaction, and its ACK is not even parsed."""
    peer = guarded(retry_after=7)
    peer.agent.measured_queue_time(LATE, peer.now)
    request = invite(peer, "one")
    peer.send(request)
    refusal = peer.response_from_agent(503)
    assert refusal.get("retry-after") == "7"
    assert refusal.to.tag == "stateless"
    assert refusal.get("via") == request.get("via")
    assert [refusal.get(name) for name in ("from", "call-id", "cseq")] == [
        request.get(name) for name in ("from", "call-id", "cseq")
    ]
    peer.send(ack_of(peer, request))
    assert peer.lines() == []
    statistics = peer.agent.statistics()
    assert statistics.messages_received == statistics.transactions == statistics.calls == 0
    assert counts(peer).refused_queue_time == counts(peer).refused_acks == counts(peer).refused == 1
    assert counts(peer).queue_time == LATE
    assert peer.events() == []
    assert left_over(peer.agent) == {}


def test_load_that_falls_is_felt_at_once_and_by_new_calls_only() -> None:
    """TRN-13: recovery takes no time; but a repeat of what was refused stays refused."""
    peer = guarded()
    peer.agent.measured_queue_time(LATE, peer.now)
    refused = invite(peer, "one")
    peer.send(refused)
    first = peer.sent()
    peer.agent.measured_queue_time(0.0, peer.now)
    peer.send(refused)
    assert [each.to_bytes() for each in peer.sent()] == [each.to_bytes() for each in first]
    assert counts(peer).refused_repeats == 1
    assert call(peer, "two") == ["in"]
    peer.pass_time(40.0)
    assert call(peer, "one")[-1:] == ["in"]  # 32 s later nobody repeats it: it is a new one
    assert counts(peer).refused == 0


def test_measure_that_nobody_renews_holds_for_a_second() -> None:
    """TRN-13: connections, of which nobody knows how long they wait, are not refused for ever."""
    peer = guarded()
    peer.agent.measured_queue_time(LATE, 0.0)
    peer.now = 1.5
    assert call(peer, "one") == ["in"]


def test_short_wait_is_no_overload_and_no_limit_takes_everything() -> None:
    """TRN-13."""
    peer = guarded(max_queue_time=0.5)
    peer.agent.measured_queue_time(0.4, 0.0)
    assert call(peer, "one") == ["in"]
    peer = guarded(max_queue_time=None)
    peer.agent.measured_queue_time(LATE, 0.0)
    assert call(peer, "one") == ["in"]


def test_backlog_that_is_worked_off_is_no_overload() -> None:
    """TRN-13: a machine that stood still for 0.4 s refuses nothing, if it is quick enough afterwards."""
    peer = guarded()
    for number, (queue_time, now) in enumerate([(0.4, 1.0), (0.35, 1.1), (0.25, 1.25), (0.1, 1.3)]):
        peer.now = now
        peer.agent.measured_queue_time(queue_time, now)
        assert call(peer, f"call{number}") == ["in"]


def test_wait_that_lasts_is_overload_and_the_next_one_at_once() -> None:
    """TRN-13: for 0.3 s without a break; for two seconds more it needs not last again."""
    peer = guarded()
    steps = [
        (1.0, 0.3, "in"),
        (1.2, 0.3, "in"),
        (1.3, 0.3, "503"),
        (1.4, 0.1, "in"),
        (3.2, 0.25, "503"),
        (3.3, 0.1, "in"),
        (5.4, 0.25, "in"),
        (5.6, 0.15, "in"),
        (5.7, 0.25, "in"),
        (5.9, 0.25, "in"),
        (6.0, 0.5, "503"),
    ]
    for number, (now, queue_time, expected) in enumerate(steps):
        peer.now = now
        peer.agent.measured_queue_time(queue_time, now)
        (answer,) = call(peer, f"call{number}")
        assert expected in answer, now


def test_what_has_begun_goes_on_under_overload() -> None:
    """TRN-13: repeats, CANCEL, ACK, and requests in dialogs are never refused."""
    peer = guarded()
    session, _ = begun(peer, "one"), begun(peer, "two")
    peer.agent.ring(session, peer.now)
    assert peer.lines() == ["180"]
    peer.agent.measured_queue_time(LATE, peer.now)
    assert call(peer, "one") == ["180"]
    peer.send(peer.request("CANCEL", call_id="two", branch="z9hG4bK-two"))
    assert sorted(peer.lines()) == ["200", "487"]
    peer.agent.answer(session, media(), peer.now)
    answer = peer.response_from_agent(200)
    peer.send(peer.request("ACK", call_id="one", to_tag=answer.to.tag))
    peer.send(peer.request("BYE", call_id="one", to_tag=answer.to.tag, cseq=2))
    assert peer.lines() == ["200"]
    assert [type(event) for event in peer.events()].count(CallEnded) == 2


def test_other_new_requests_wait_for_better_times_too() -> None:
    """TRN-13: an OPTIONS is new work like a call."""
    peer = guarded()
    peer.agent.measured_queue_time(LATE, peer.now)
    peer.send(peer.request("OPTIONS"))
    assert peer.response_from_agent(503).get("retry-after") == "5"
    peer.send(peer.request("CANCEL"))
    assert peer.lines() == ["481"]


def test_call_over_a_connection_is_refused_on_it() -> None:
    """TRN-13: what a stream has framed is parsed already; the answer is the same."""
    peer = guarded()
    flow = Endpoint("TCP", "192.0.2.2", 40_000, "flow-1")
    peer.agent.measured_queue_time(LATE, peer.now)
    peer.agent.receive_message(invite(peer, "one"), flow, peer.now)
    transmit = peer.agent.next_transmit()
    assert transmit is not None
    assert transmit.destination == flow
    assert transmit.data.startswith(b"SIP/2.0 503 ")
    assert counts(peer).refused_queue_time == 1


# The quick way and the parser's way


def by_the_parser(request: bytes, source: Endpoint) -> tuple[list[Any], AdmissionStatistics]:
    """What an agent says to a request that it has parsed."""
    peer = guarded()
    peer.agent.measured_queue_time(LATE, 0.0)
    # A first line that is indented differently for the quick way only.
    peer.agent.receive_datagram(b"\r\n" + request, source, 0.0)
    return list(iter(peer.agent.next_transmit, None)), counts(peer)


PLAIN = (
    b"INVITE sip:alice@192.0.2.1 SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n"
    b"From: <sip:bob@example.com>;tag=1\r\n%s\r\nCall-ID: 1@192.0.2.2\r\nCSeq: 1 INVITE\r\n"
    b"Contact: <sip:bob@192.0.2.2>\r\nContent-Length: 0\r\n\r\n"
)
TO = b"To: <sip:alice@example.com>"


@pytest.mark.parametrize(
    ("via", "to"),
    [
        pytest.param(b"SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKa", TO, id="plain"),
        pytest.param(b"SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKa", TO, id="without port"),
        pytest.param(b"SIP/2.0/UDP 192.0.2.2:5062;branch=z9hG4bKa", TO, id="another port"),
        pytest.param(b"SIP/2.0/UDP 192.0.2.2:5062;branch=z9hG4bKa;rport", TO, id="rport behind"),
        pytest.param(b"SIP/2.0/UDP 192.0.2.2:5062;rport;branch=z9hG4bKa", TO, id="rport before"),
        pytest.param(b"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa", TO, id="behind a NAT"),
        pytest.param(b"SIP/2.0/UDP Phone.Example.COM;branch=z9hG4bKa;ttl=1", TO, id="a name"),
        pytest.param(b"SIP / 2.0 / UDP 192.0.2.2;branch=z9hG4bKa", TO, id="white space"),
        pytest.param(b"SIP/2.0/UDP [2001:db8::9]:5060;branch=z9hG4bKa;rport", TO, id="IPv6"),
        pytest.param(b"SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKa", b"t: sip:alice@example.com", id="compact"),
    ],
)
def test_quick_refusal_says_what_the_parser_would(via: bytes, to: bytes) -> None:
    """SES-28: octet for octet, and to the same place."""
    request = PLAIN % (via, to)
    peer = guarded()
    peer.agent.measured_queue_time(LATE, 0.0)
    peer.agent.receive_datagram(request, BOB, 0.0)
    quick = list(iter(peer.agent.next_transmit, None))
    parsed, statistics = by_the_parser(request, BOB)
    assert peer.agent.statistics().messages_received == 0  # it was not parsed
    assert statistics.refused_queue_time == counts(peer).refused_queue_time == 1
    ((data, where),), ((other, other_where),) = quick, parsed
    assert where == other_where
    # The parser writes the names of headers in full, and one space behind each colon.
    assert sorted(data.replace(b"t: ", b"To: ").split(b"\r\n")) == sorted(
        other.replace(b"t: ", b"To: ").split(b"\r\n")
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param((b"\r\n\r\n", b"\r\n"), "503", id="no blank line"),
        pytest.param((b"Call-ID: 1", b"Call-ID: 1\r\nSubject: a\0b\r\nX: "), "400", id="NUL"),
        pytest.param((b"Call-ID: ", b"Call-ID:\r\n "), "503", id="folded"),
        pytest.param((b"Call-ID: ", b"Call-ID:\r\n\t"), "503", id="folded by a tab"),
        pytest.param((b"Via: ", b"VIA: "), "503", id="spelled otherwise"),
        pytest.param((b"Via: ", b"To: <sip:x@example.com>\r\nVia: "), "400", id="To twice"),
        pytest.param((b"CSeq: 1 INVITE\r\n", b""), "400", id="no CSeq"),
        pytest.param(
            (b"bob@example.com>;tag=1\r\n", b"bob@example.com>;tag=1\r\nf: a\r\n"), "400", id="From twice"
        ),
        pytest.param((b"5060;", b"5060, SIP/2.0/UDP 192.0.2.9;"), "503", id="two Via in one"),
        pytest.param((b":5060;", b":99999;"), "400", id="no port"),
        pytest.param((b":5060;", b":99999;ttl=1;"), "400", id="no port in an unusual Via"),
        pytest.param((b";branch=z9hG4bKa", b";branch=1"), "503", id="branch of RFC 2543"),
        pytest.param((b";branch=z9hG4bKa", b";branch=z9hG4bK"), "503", id="branch that is only a cookie"),
        pytest.param((b"alice@example.com>", b"alice@example.com>;TAG=x"), "481", id="in a dialog"),
    ],
)
def test_what_is_unusual_is_left_to_the_parser(change: tuple[bytes, bytes], status: str) -> None:
    """SES-28, RBU-1: the quick way never answers what it has not understood."""
    request = (PLAIN % (b"SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKa", TO)).replace(*change, 1)
    peer = guarded()
    peer.agent.measured_queue_time(LATE, 0.0)
    peer.send(request)
    assert peer.lines() == [status]


def test_flood_beyond_what_is_remembered_forgets_the_oldest() -> None:
    """SES-28: the table is bounded and counts what it forgot (law 8)."""
    peer = guarded(max_refused=2)
    peer.agent.measured_queue_time(LATE, 0.0)
    for name in ("one", "two", "three"):
        assert call(peer, name) == ["503"]
    assert (counts(peer).refused, counts(peer).refused_forgotten) == (2, 1)
    peer.agent.measured_queue_time(0.0, 0.0)
    assert call(peer, "three") == ["503"]
    assert call(peer, "one") == ["in"]


def test_ack_of_another_call_is_read() -> None:
    """SES-28: only the ACK of what was refused costs nothing."""
    peer = guarded()
    peer.agent.measured_queue_time(LATE, 0.0)
    call(peer, "one")
    peer.send(peer.request("ACK", call_id="other", to_tag="x"))
    assert (counts(peer).refused_acks, peer.agent.statistics().messages_received) == (0, 1)


# Limits


def test_rate_of_new_calls_is_kept_on_the_whole_with_room_for_a_burst() -> None:
    """SES-28: a token bucket; a refused call takes nothing out of it."""
    peer = guarded(calls_per_second=2.0, burst=3)
    assert [call(peer, f"a{number}") for number in range(5)] == [["in"]] * 3 + [["503"]] * 2
    peer.now = 0.5
    assert [call(peer, f"b{number}") for number in range(2)] == [["in"], ["503"]]
    peer.now = 100.0
    assert [call(peer, f"c{number}") for number in range(4)] == [["in"]] * 3 + [["503"]]
    assert (counts(peer).admitted, counts(peer).refused_rate) == (7, 4)


def test_calls_at_once_are_limited_and_freed() -> None:
    """SES-28: in total, before anything is kept of the call."""
    peer = guarded(max_calls=1)
    session = begun(peer, "one")
    assert call(peer, "two") == ["503"]
    assert counts(peer).refused_max_calls == 1
    peer.agent.reject(session, 486, peer.now)
    peer.send(
        peer.request("ACK", call_id="one", branch="z9hG4bK-one", to_tag=peer.response_from_agent(486).to.tag)
    )
    peer.pass_time(10.0)
    assert call(peer, "three") == ["in"]


def test_one_source_cannot_have_all_calls() -> None:
    """SES-28, TRN-13: at once and a second; another source is not concerned."""
    peer = guarded(max_calls_per_source=2)
    assert [call(peer, f"b{number}", BOB) for number in range(3)] == [["in"], ["in"], ["503"]]
    assert call(peer, "c", CAROL) == ["in"]
    assert counts(peer).refused_source_calls == 1
    peer = guarded(calls_per_second_per_source=2.0)
    assert [call(peer, f"b{number}", BOB) for number in range(3)] == [["in"], ["in"], ["503"]]
    assert call(peer, "c", CAROL) == ["in"]
    assert (counts(peer).refused_source_rate, counts(peer).sources) == (1, 2)


def test_one_source_cannot_send_any_number_of_requests() -> None:
    """SES-28, TRN-13."""
    peer = guarded(requests_per_second_per_source=2.0)
    assert [options(peer) for _ in range(3)] == [["200"], ["200"], ["503"]]
    assert call(peer, "one") == ["503"]
    assert counts(peer).refused_source_requests == 2


def test_all_addresses_of_one_ipv6_host_are_one_source() -> None:
    """SES-28: whoever has a /64 has no 2^64 limits."""
    peer = guarded(max_calls_per_source=1)
    assert call(peer, "one", SIX) == ["in"]
    assert call(peer, "two", SIX_BESIDE) == ["503"]
    assert call(peer, "three", SIX._replace(host="no:address")) == ["in"]


def test_trusted_source_has_no_limit_of_its_own() -> None:
    """SES-28: as the proxy through which everybody calls."""
    peer = guarded(
        max_calls_per_source=1,
        requests_per_second_per_source=1.0,
        calls_per_second_per_source=1.0,
        trusted=("192.0.2.2/32", "2001:db8::/32"),
        ban_after=1,
    )
    assert [call(peer, f"b{number}", BOB) for number in range(3)] == [["in"]] * 3
    assert [call(peer, f"c{number}", CAROL) for number in range(2)] == [["in"], ["503"]]
    peer.send(b"nonsense", SIX)
    assert call(peer, "six", SIX) == ["in"]
    assert call(peer, "name", CAROL._replace(host="a name")) == ["in"]


def test_user_who_has_enough_calls_is_busy() -> None:
    """SES-28: 486 for a limit of the called user, who is told by the user part of the Request-URI."""
    peer = guarded(max_calls_per_user=1)
    assert call(peer, "one") == ["in"]
    request = invite(peer, "two")
    peer.send(request)
    busy = peer.response_from_agent(486)
    assert busy.get("retry-after") is None
    peer.send(request)
    assert peer.lines() == ["486"]
    assert (counts(peer).refused_user, counts(peer).refused_repeats) == (1, 1)
    peer.send(invite(peer, "three", uri="sip:carol@192.0.2.1"))
    peer.send(invite(peer, "four", uri="sip:192.0.2.1"))
    peer.send(invite(peer, "five", uri="sip:192.0.2.1"))
    assert answers(peer) == ["in"] * 3
    peer.send(invite(peer, "six", uri="tel:+1"))
    peer.send(invite(peer, "seven", uri="sip:a@[1"))
    assert "486" not in answers(peer)


def test_sources_beyond_the_table_forget_the_one_longest_silent() -> None:
    """SES-28: law 8."""
    peer = guarded(calls_per_second_per_source=1.0, max_sources=2)
    for number in (1, 2, 1, 3):
        call(peer, f"{number}-{peer.now}", BOB._replace(host=f"192.0.2.{number + 10}"))
        peer.now += 0.1
    assert (counts(peer).sources, counts(peer).sources_forgotten) == (2, 1)
    assert call(peer, "again", BOB._replace(host="192.0.2.11")) == ["503"]
    assert call(peer, "fresh", BOB._replace(host="192.0.2.12")) == ["in"]


def test_agent_that_drains_takes_no_new_call_and_says_so() -> None:
    """SCALE-2: INVITE and OPTIONS get 503, what there is goes on."""
    peer = guarded()
    session = begun(peer, "one")
    peer.agent.refuse_new_calls(peer.now)
    assert call(peer, "two") == ["503"]
    assert options(peer) == ["503"]
    peer.send(peer.request("MESSAGE"))
    assert peer.lines() == ["405"]
    assert counts(peer).refused_draining == 2
    peer.agent.answer(session, media(), peer.now)
    assert peer.lines() == ["200"]
    peer.agent.invite("sip:bob@192.0.2.2", media(), peer.now)
    assert peer.lines() == ["INVITE"]


def test_agent_without_admission_drains_as_well() -> None:
    """SCALE-2: with a transaction then."""
    peer = peer_of()
    peer.agent.measured_queue_time(LATE, peer.now)
    peer.agent.refuse_new_calls(peer.now)
    assert call(peer, "two") == ["503"]
    assert peer.agent.statistics().admission is None
    assert peer.agent.statistics().calls_refused == 1


# Scanners and bans


def test_scanner_gets_no_answer() -> None:
    """SEC-1: dropped by its User-Agent, in whatever case, and counted."""
    peer = guarded()
    assert options(peer, extra=[("User-Agent", "Friendly-Scanner")]) == []
    peer.send(invite(peer, "one", extra=[("User-Agent", "sipcli/v1.8")]))
    assert peer.lines() == []
    assert counts(peer).dropped_scanner == 2
    assert peer.agent.statistics().transactions == 0
    peer = guarded(scanners=())
    assert options(peer, extra=[("User-Agent", "friendly-scanner")]) == ["200"]


def test_source_of_nothing_but_garbage_is_not_read_any_more() -> None:
    """SEC-1: no answer, so no amplification; another port of the host is heard, and all after a time."""
    peer = guarded(ban_after=3, ban_time=60.0)
    broken = b"INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2\r\n\r\n"
    for _ in range(5):
        peer.send(broken)
    assert peer.lines() == ["400"] * 3
    assert call(peer, "one") == []
    assert (counts(peer).bans, counts(peer).banned, counts(peer).dropped_banned) == (1, 1, 3)
    assert call(peer, "two", BOB._replace(port=5062)) == ["in"]
    peer.now = 61.0
    assert call(peer, "three") == ["in"]
    assert counts(peer).banned == 0


def test_host_that_sends_garbage_from_many_ports_is_banned_as_a_whole() -> None:
    """SEC-1."""
    peer = guarded(ban_after=2)
    for port in range(10):
        peer.send(b"garbage", BOB._replace(port=1_024 + port))
    assert call(peer, "one") == []
    assert call(peer, "two", CAROL) == ["in"]


def test_sound_message_between_faults_clears_them() -> None:
    """SEC-1: a phone with one bad habit is not banned."""
    peer = guarded(ban_after=3)
    for _ in range(5):
        peer.send(b"garbage")
        peer.send(b"garbage")
        assert options(peer) == ["200"]
    assert counts(peer).bans == 0


def test_old_faults_do_not_count() -> None:
    """SEC-1: a row has no long pauses."""
    peer = guarded(ban_after=2, ban_time=10.0)
    for _ in range(4):
        peer.send(b"garbage")
        peer.now += 11.0
    assert counts(peer).bans == 0


def test_nobody_is_banned_from_whom_calls_are_running() -> None:
    """SEC-1: a forged sender must not cost a peer its calls."""
    peer = guarded(ban_after=2)
    call(peer, "one")
    for _ in range(20):
        peer.send(b"garbage")
    assert call(peer, "two") == ["in"]
    for _ in range(20):
        peer.send(b"garbage", BOB._replace(port=9))
    assert peer.agent.statistics().malformed == 22
    assert call(peer, "three") == ["in"]


def test_nobody_is_banned_where_that_is_switched_off() -> None:
    """SEC-1."""
    peer = guarded(ban_after=0)
    for _ in range(200):
        peer.send(b"garbage")
    assert call(peer, "one") == ["in"]


def test_bans_and_faults_are_bounded() -> None:
    """SEC-1: a flood from forged addresses fills no memory (law 8)."""
    peer = guarded(ban_after=1, max_sources=4)
    for number in range(40):
        peer.send(b"garbage", Endpoint("UDP", f"198.51.100.{number}", 1))
    assert counts(peer).banned <= 4
    assert counts(peer).sources <= 8
    assert counts(peer).sources_forgotten > 0


USER = Credentials("bob", "builder")


def asking(**settings: Any) -> Peer:
    digest = DigestServerConfig(realm="r")
    return guarded(authentication=AuthenticationConfig(digest=digest, users=(USER,)), **settings)


def test_source_that_never_has_good_credentials_is_banned() -> None:
    """SEC-1: well-formed requests of somebody who only tries."""
    peer = asking(ban_after=3)
    assert [call(peer, f"a{number}") for number in range(5)] == [["401"]] * 3 + [[]] * 2


def test_good_credentials_clear_the_challenges() -> None:
    """SEC-1: everybody is challenged first, and that is no fault."""
    peer = asking(ban_after=3)
    for number in range(4):
        first = invite(peer, f"a{number}")
        peer.send(first)
        challenge = peer.response_from_agent(401)
        second = invite(peer, f"b{number}", cseq=2)
        assert isinstance(challenge, Response)
        assert DigestClient((USER,)).authorize(second, challenge, cnonce="c")
        peer.send(second)
        assert answers(peer) == ["in"]
    assert counts(peer).bans == 0


def register(peer: Peer, name: str, cseq: int = 1) -> Request:
    to = ("To", "<sip:bob@192.0.2.1>")
    request = peer.request("REGISTER", call_id=name, branch=f"z9hG4bK-{name}{cseq}", cseq=cseq)
    request.set(*to)
    return request


def test_who_guesses_passwords_of_phones_is_banned_and_a_phone_is_not() -> None:
    """SEC-1, SRV-5: REGISTER is what scanners try; a good one clears the challenges, a 404 does nothing."""
    peer = asking(ban_after=3, registrar=RegistrarConfig())
    for number in range(4):
        first = register(peer, f"a{number}")
        peer.send(first)
        challenge = peer.response_from_agent(401)
        second = register(peer, f"b{number}", cseq=2)
        assert DigestClient((USER,)).authorize(second, challenge, cnonce="c")
        peer.send(second)
        assert peer.lines() == ["200"]
    assert counts(peer).bans == 0
    for number in range(5):
        peer.send(register(peer, f"c{number}"))
    assert peer.lines() == ["401"] * 3
    assert counts(peer).bans == 1
    strict = asking(ban_after=3, registrar=RegistrarConfig(domains=frozenset({"example.com"})))
    for number in range(5):
        strict.send(register(strict, f"d{number}"))
    assert strict.lines() == ["404"] * 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("calls_per_second", 0),
        ("burst", 0),
        ("max_queue_time", -1.0),
        ("max_calls_per_source", 0),
        ("calls_per_second_per_source", 0),
        ("requests_per_second_per_source", -1),
        ("max_calls_per_user", 0),
        ("trusted", ("no network",)),
        ("ban_after", -1),
        ("ban_time", 0),
        ("max_sources", 0),
        ("max_refused", 0),
        ("retry_after", -1),
    ],
)
def test_limit_that_cannot_be_is_refused_with_its_name(field: str, value: object) -> None:
    """COO-6."""
    with pytest.raises(ValueError, match=field):
        AdmissionConfig(**{field: value})  # type: ignore[arg-type]
