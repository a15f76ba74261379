"""How much a proxy takes on: admission, drain, foreign requests; keep-alives and the names of flows."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.admission import AdmissionConfig
from sansio_sip.framing import StunKeepAlive
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import build_response
from sansio_sip.proxy import FlowTokens, Later, Reply, RequestExpired
from tests.sip.proxy.bench import BOB, CALLEE, CALLER, Bench, targets_at


def counter_of(bench: Bench, name: str) -> int:
    admission = bench.stateful.statistics().admission
    assert admission is not None
    found: int = getattr(admission, name)
    return found


def test_calls_of_a_source_count_until_their_final_response() -> None:
    """SRV-7, SES-28: one call being set up is the limit; a request in a dialog is none."""
    bench = Bench(admission=AdmissionConfig(max_calls_per_source=1))
    first, _ = bench.forwarded()
    bench.forwarded(call_id="x", to_tag="b", routes=["<sip:192.0.2.10;lr>"], uri="sip:bob@192.0.2.101")
    assert bench.answered(call_id="call-2").status_code == 503
    assert bench.stateful.statistics().pending == 2
    bench.respond(first, 200)
    bench.sent()
    assert bench.stateful.statistics().pending == 1
    bench.forwarded(call_id="call-3")
    assert (counter_of(bench, "admitted"), counter_of(bench, "refused_source_calls")) == (2, 1)


def test_waiting_too_long_refuses_new_requests() -> None:
    """SRV-7, TRN-13: what is measured counts; without admission nothing comes of it."""
    bench = Bench(admission=AdmissionConfig(max_queue_time=0.2))
    bench.stateful.measured_queue_time(1.0, 0.0)
    assert bench.answered().status_code == 503
    plain = Bench()
    plain.stateful.measured_queue_time(1.0, 0.0)
    plain.forwarded()


def test_who_is_refused_for_want_of_a_right_again_and_again_is_banned() -> None:
    """SRV-7, SEC-1: 407 to every request: after three nothing of the source is read."""
    bench = Bench(authorize=lambda *_: Reply(407), admission=AdmissionConfig(ban_after=3))
    for number in range(3):
        assert bench.answered(call_id=str(number)).status_code == 407
    bench.send(bench.request(call_id="more"))
    assert bench.lines() == []
    assert counter_of(bench, "dropped_banned") == 1
    other = Endpoint("UDP", "192.0.2.99", 5060)
    assert bench.answered(other).status_code == 407


def test_garbage_bans_its_source() -> None:
    """SRV-7, SEC-1: by a datagram and by a connection; what is well formed makes up for it."""
    bench = Bench(admission=AdmissionConfig(ban_after=2))
    bench.send(b"INVITE nonsense\r\n\r\n", CALLEE)
    bench.forwarded(CALLEE, method="OPTIONS")
    bench.send(b"INVITE nonsense\r\n\r\n", CALLEE)
    bench.stateful.receive_malformed(None, "nonsense", 400, CALLEE, 0.0)
    bench.sent()
    bench.send(bench.request(call_id="more"), CALLEE)
    assert bench.lines() == []
    assert bench.stateful.statistics().malformed == 3


def test_malformed_request_of_a_connection_is_answered() -> None:
    """SRV-7: as far as it can be read; a response, and what cannot be answered, is only counted."""
    bench = Bench()
    request = bench.request()
    bench.stateful.receive_malformed(request, "no CSeq", 400, CALLER, 0.0)
    assert bench.response().status_code == 400
    bench.stateful.receive_malformed(build_response(request, 200), "no CSeq", 400, CALLER, 0.0)
    ack = bench.request("ACK")
    bench.stateful.receive_malformed(ack, "no CSeq", 400, CALLER, 0.0)
    assert bench.lines() == []
    assert bench.stateful.statistics().malformed == 3


@pytest.mark.parametrize("admission", [None, AdmissionConfig()])
def test_drain_refuses_what_is_new_and_forwards_what_goes_on(admission: AdmissionConfig | None) -> None:
    """SRV-7, PERF-9: INVITE and OPTIONS get 503, a BYE of a dialog passes."""
    bench = Bench(admission=admission)
    ringing, _ = bench.forwarded()
    bench.stateful.refuse_new_requests(0.0)
    assert bench.answered(call_id="2").status_code == 503
    assert bench.answered(method="OPTIONS", call_id="3").status_code == 503
    bench.forwarded(
        method="BYE", call_id="4", to_tag="b", routes=["<sip:192.0.2.10;lr>"], uri="sip:bob@192.0.2.101"
    )
    bench.respond(ringing, 200)
    assert bench.lines() == ["200"]
    assert not bench.stateful.closed


def test_stun_keep_alive_is_answered() -> None:
    """SRV-7, TRN-9: RFC 5626 §3.5.2: an edge proxy tells a phone its address; line ends are only counted."""
    bench = Bench()
    machine = StunKeepAlive(CALLEE, 30.0, now=0.0, ids=Ids(lambda count: bytes(count)))
    machine.handle_timeout(30.0)
    transmit = machine.next_transmit()
    assert transmit is not None
    bench.send(transmit.data, CALLER)
    answer = bench.proxy.next_transmit()
    assert answer is not None
    assert (answer.data[:2], answer.destination) == (b"\x01\x01", CALLER)
    bench.send(b"\r\n\r\n")
    assert bench.lines() == []
    assert bench.stateful.statistics().keep_alives == 2


def test_request_for_others_is_forwarded_only_where_that_is_wanted() -> None:
    """SRV-7: 403 for what begins something; what belongs to a dialog passes."""
    bench = Bench(relay_foreign=False)
    assert bench.answered(uri="sip:carol@example.org").status_code == 403
    bench.send(bench.request("ACK", uri="sip:carol@192.0.2.101", routes=["<sip:192.0.2.10;lr>"]))
    assert bench.lines() == ["ACK"]
    bench.forwarded(method="BYE", uri="sip:carol@192.0.2.101", to_tag="b", call_id="2")
    assert Bench().forwarded(uri="sip:carol@192.0.2.101")[0].uri == "sip:carol@192.0.2.101"


def test_another_server_beside_this_one_is_not_this_one() -> None:
    """SRV-7: RFC 3261 §16.5: our address at a port of ours is ours; at another port it is somebody else's."""
    bench = Bench()
    assert bench.forwarded(uri="sip:bob@192.0.2.10")[0].uri == BOB[0].uri
    assert bench.forwarded(uri="sip:bob@192.0.2.10:5070", call_id="2")[0].uri == "sip:bob@192.0.2.10:5070"
    assert bench.forwarded(uri="sip:bob@example.com:5070", call_id="3")[0].uri == BOB[0].uri
    assert len(bench.asked) == 2


def test_request_without_any_answer_is_told_when_it_is_over() -> None:
    """SRV-7: RFC 4320 §4.2: no 408 for an OPTIONS; pending it is no more."""
    bench = Bench(targets_at(101))
    bench.send(bench.request("OPTIONS"))
    assert bench.stateful.statistics().pending == 1
    bench.pass_time(40.0)
    assert "408" not in bench.lines()
    assert [event for event in bench.events() if isinstance(event, RequestExpired)] == [RequestExpired(1)]
    assert bench.stateful.statistics().pending == 0


def test_pending_request_that_waits_for_its_route() -> None:
    """SRV-7: it counts from the beginning."""
    bench = Bench(Later())
    bench.send(bench.request())
    assert bench.stateful.statistics().pending == 1


# Names of connections

WEB = Endpoint("WS", "192.0.2.50", 40_000, "ws-1")
TCP = Endpoint("TCP", "192.0.2.50", 40_000, "tcp-1")


def test_connection_keeps_its_token_until_it_is_gone() -> None:
    """SRV-7, TRN-9: RFC 5626 §5.2: the same each time; nobody can make one up; others need none."""
    tokens = FlowTokens(Ids(lambda count: bytes(range(count))))
    token = tokens.token(WEB)
    assert len(token) == 32
    assert tokens.token(WEB) == token
    assert tokens.find(token) == WEB
    assert (tokens.token(TCP), tokens.find("")) == ("", None)
    tokens.forget(TCP)
    assert len(tokens) == 1
    tokens.forget(WEB)
    assert (len(tokens), tokens.find(token)) == (0, None)


def test_oldest_connection_makes_room() -> None:
    """SRV-7: bounded, and counted."""
    numbers = iter(range(256))
    tokens = FlowTokens(Ids(lambda count: bytes([next(numbers)]) * count), max_flows=2)
    flows = [WEB._replace(flow=f"ws-{number}") for number in range(3)]
    names = [tokens.token(flow) for flow in flows]
    assert [tokens.find(name) for name in names] == [None, *flows[1:]]
    assert (len(tokens), tokens.dropped) == (2, 1)


def test_dialog_of_a_web_phone_takes_its_connection_while_it_is_there() -> None:
    """SRV-7, TRN-9: RFC 5626 §5.3: Record-Route names the flow; gone, requests get 430."""
    bench = Bench(flows=FlowTokens(Ids(lambda count: bytes(range(count)))))
    invite, _ = bench.forwarded(WEB, transport="WS")
    route = next(value for value in invite.values("record-route") if "@" in value)
    bye: dict[str, Any] = {
        "method": "BYE",
        "to_tag": "b",
        "uri": "sip:web@web.invalid;transport=ws",
        "routes": [route],
    }
    _, endpoint = bench.forwarded(CALLEE, call_id="2", **bye)
    assert endpoint == WEB
    bench.stateful.flow_failed(WEB, "closed", 0.0)
    bench.sent()
    bench.send(bench.request(call_id="3", **bye), CALLEE)
    assert bench.lines()[-1] == "430"
