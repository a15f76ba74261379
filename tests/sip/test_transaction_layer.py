"""Matching, creation and clean-up of transactions (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2, §9.2)."""

from __future__ import annotations

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_request, build_response, parse_message
from sansio_sip.transaction import (
    AckReceived,
    FailureResponse,
    LayerConfig,
    ProvisionalResponse,
    RequestReceived,
    StrayResponse,
    SuccessResponse,
    TransactionEvent,
    TransactionLayer,
    TransactionTerminated,
    TransportFailed,
)

PEER = Endpoint("UDP", "192.0.2.2", 5060)


def request(
    method: str = "INVITE",
    *,
    branch: str = "z9hG4bKabc",
    sent_by: str = "192.0.2.2:5060",
    params: str = "",
    to_tag: str = "",
    from_tag: str = "b",
    call_id: str = "call",
    cseq: int = 7,
    uri: str = "sip:alice@192.0.2.1",
) -> Request:
    return build_request(
        method,
        uri,
        via=f"SIP/2.0/UDP {sent_by}{params}" + (f";branch={branch}" if branch else ""),
        from_=f"<sip:bob@example.com>;tag={from_tag}",
        to="<sip:alice@example.com>" + (f";tag={to_tag}" if to_tag else ""),
        call_id=call_id,
        cseq=cseq,
    )


class Bench:
    def __init__(self, **limits: int) -> None:
        self.layer = TransactionLayer(LayerConfig(**limits), now=0.0)  # type: ignore[arg-type]

    def receive(self, message: Request | Response, now: float = 0.0) -> list[TransactionEvent]:
        self.layer.receive_message(message, PEER, now)
        return self.told()

    def told(self) -> list[TransactionEvent]:
        events = []
        while (event := self.layer.next_event()) is not None:
            events.append(event)
        return events

    def sent(self) -> list[tuple[str, Endpoint]]:
        lines = []
        while (transmit := self.layer.next_transmit()) is not None:
            message = parse_message(transmit.data)
            line = message.method if isinstance(message, Request) else str(message.status_code)
            lines.append((line, transmit.destination))
        return lines

    def codes(self) -> list[str]:
        return [line for line, _ in self.sent()]

    def open(self, message: Request) -> RequestReceived:
        (event,) = self.receive(message)
        assert isinstance(event, RequestReceived)
        return event

    def respond(self, event: RequestReceived, status: int, now: float = 0.0) -> None:
        self.layer.respond(event.key, build_response(event.request, status, to_tag="a"), now)


# Requests


def test_new_request_opens_a_transaction_and_its_repeat_does_not() -> None:
    """TXN-3, TXN-9."""
    bench = Bench()
    event = bench.open(request())
    assert event.source is PEER
    assert bench.receive(request()) == []
    assert len(bench.layer) == 1
    assert bench.layer.statistics.retransmissions_received == 1


def test_same_branch_from_another_sent_by_is_another_transaction() -> None:
    """TXN-3: §17.2.3, rule 2: two elements may choose the same branch."""
    bench = Bench()
    keys = {
        bench.open(request("OPTIONS", call_id=str(n), sent_by=sent_by)).key
        for n, sent_by in enumerate(["192.0.2.2:5060", "192.0.2.2:5070", "192.0.2.3:5060", "host.example"])
    }
    assert len(keys) == 4
    assert bench.receive(request("OPTIONS", call_id="3", sent_by="HOST.example:5060")) == []


def test_same_branch_with_another_method_is_another_transaction() -> None:
    """TXN-3: §17.2.3, rule 3."""
    bench = Bench()
    keys = {bench.open(request(method)).key for method in ("INVITE", "OPTIONS", "CANCEL", "BYE")}
    assert len(keys) == 4


def test_ack_of_a_failure_goes_to_its_invite() -> None:
    """TXN-3: §17.2.3, rule 3."""
    bench = Bench()
    event = bench.open(request())
    bench.respond(event, 486)
    assert bench.receive(request("ACK", to_tag="a")) == []
    assert bench.layer.deadline == 5.0, "timer I"
    assert bench.layer.statistics.retransmissions_received == 0


@pytest.mark.parametrize("branch", ["z9hG4bKother", "z9hG4bKabc"])
def test_ack_of_a_2xx_goes_to_the_user_with_whatever_branch(branch: str) -> None:
    """TXN-3: RFC 6026 §7.1; some clients keep the branch of the INVITE."""
    bench = Bench()
    bench.respond(bench.open(request()), 200)
    (event,) = bench.receive(request("ACK", branch=branch, to_tag="a"))
    assert isinstance(event, AckReceived)


def test_ack_for_nothing_is_told_and_never_answered() -> None:
    """TXN-3."""
    bench = Bench()
    (event,) = bench.receive(request("ACK", to_tag="a"))
    assert isinstance(event, AckReceived)
    assert bench.codes() == []
    assert len(bench.layer) == 0


@pytest.mark.parametrize("branch", ["", "1", "z9hG4bK"])
def test_rfc_2543_peers_are_matched_by_what_their_request_says(branch: str) -> None:
    """TXN-3: §17.2.3, second half."""
    bench = Bench()
    event = bench.open(request(branch=branch))
    assert bench.receive(request(branch=branch)) == []
    bench.respond(event, 486)
    assert bench.receive(request("ACK", branch=branch, to_tag="a")) == []
    assert bench.layer.deadline == 5.0, "the ACK was matched although its To has a tag"
    for other in (
        request(branch=branch, cseq=8),
        request(branch=branch, call_id="another"),
        request(branch=branch, from_tag="c"),
        request(branch=branch, uri="sip:carol@192.0.2.1", cseq=9),
        request(branch=branch, sent_by="192.0.2.9:5060", cseq=10),
    ):
        bench.open(other)


@pytest.mark.parametrize("branch", ["z9hG4bKabc", "1"])
def test_cancel_finds_its_invite(branch: str) -> None:
    """TXN-4: §9.2."""
    bench = Bench()
    invite = bench.open(request(branch=branch))
    cancel = bench.open(request("CANCEL", branch=branch))
    assert bench.layer.find_cancelled(cancel.request) == invite.key
    assert bench.layer.find_cancelled(request("CANCEL", branch="z9hG4bKx", call_id="x")) is None


def test_merged_request_gets_482() -> None:
    """DLG-4: §8.2.2.2: the same request over another way."""
    bench = Bench()
    event = bench.open(request())
    assert bench.receive(request(branch="z9hG4bKother")) == []
    assert bench.codes() == ["482"]
    assert len(bench.layer) == 1
    assert bench.layer.statistics.merged == 1
    bench.respond(event, 486)
    bench.receive(request("ACK", to_tag="a"))
    bench.layer.handle_timeout(5.0)
    bench.told()
    assert len(bench.layer) == 0
    bench.open(request(branch="z9hG4bKother"))  # the first is gone, so this one is no copy


def test_a_proxy_lets_merged_requests_through() -> None:
    """TXN-10: RFC 3261 §16.3: a proxy must not treat them as an error."""
    bench = Bench(refuse_merged=False)
    keys = {bench.open(request(branch=f"z9hG4bK{n}")).key for n in range(3)}
    assert len(keys) == 3
    assert bench.layer.statistics.merged == 0


def test_request_in_a_dialog_is_never_merged() -> None:
    """DLG-4: §8.2.2.2 is about requests without To tag."""
    bench = Bench()
    bench.open(request("INFO", to_tag="a"))
    bench.open(request("INFO", to_tag="a", branch="z9hG4bKother"))


def test_too_many_transactions_get_503_without_one() -> None:
    """Law 8."""
    bench = Bench(max_transactions=2)
    for n in range(2):
        bench.open(request(branch=f"z9hG4bK{n}", call_id=str(n)))
    assert bench.receive(request(branch="z9hG4bK3", call_id="3")) == []
    assert bench.receive(request("ACK", branch="z9hG4bK4", call_id="3")) != []
    assert bench.codes() == ["503"]
    assert bench.layer.statistics.refused == 1
    assert len(bench.layer) == 2


@pytest.mark.parametrize(
    ("params", "sent_by", "port"),
    [
        ("", "192.0.2.9:5080", 5080),
        ("", "phone.example", 5060),
        (";rport", "192.0.2.9:5080", 40_000),
        (";maddr=203.0.113.1", "192.0.2.9:5080", 5080),
    ],
)
def test_responses_go_to_the_source_address(params: str, sent_by: str, port: int) -> None:
    """TXN-3: §18.2.2, RFC 3581 §4; never to a maddr that a stranger wrote."""
    bench = Bench()
    message = request("OPTIONS", params=params, sent_by=sent_by)
    source = Endpoint("UDP", "198.51.100.7", 40_000, "flow 1")
    bench.layer.receive_message(message, source, 0.0)
    (event,) = bench.told()
    assert isinstance(event, RequestReceived)
    bench.respond(event, 200)
    assert bench.sent() == [("200", Endpoint("UDP", "198.51.100.7", port, "flow 1"))]


def test_response_over_a_stream_goes_back_on_it() -> None:
    """TXN-3: §18.2.2."""
    bench = Bench()
    source = Endpoint("TCP", "198.51.100.7", 40_000, "connection")
    bench.layer.receive_message(request("OPTIONS"), source, 0.0)
    (event,) = bench.told()
    assert isinstance(event, RequestReceived)
    bench.respond(event, 200)
    assert bench.sent() == [("200", source)]


def test_response_to_nothing_is_a_local_mistake() -> None:
    """TXN-3."""
    bench = Bench()
    with pytest.raises(LocalProtocolError):
        bench.layer.respond(("x",), build_response(request(), 200), 0.0)
    with pytest.raises(LocalProtocolError):
        bench.layer.cancel(("x", "INVITE"), 0.0)


# Responses


def own(branch: str = "z9hG4bKown", method: str = "INVITE") -> Request:
    return request(method, branch=branch, sent_by="192.0.2.1:5060")


def test_response_is_matched_by_branch_and_method() -> None:
    """TXN-3: §17.1.3."""
    bench = Bench()
    keys = [bench.layer.request(own("z9hG4bK1", m), "z9hG4bK1", PEER, 0.0) for m in ("OPTIONS", "INVITE")]
    keys.append(bench.layer.request(own("z9hG4bK2"), "z9hG4bK2", PEER, 0.0))
    for sent, status, key, kind in (
        (own("z9hG4bK1"), 180, keys[1], ProvisionalResponse),
        (own("z9hG4bK1", "OPTIONS"), 200, keys[0], SuccessResponse),
        (own("z9hG4bK2"), 486, keys[2], FailureResponse),
    ):
        (event,) = bench.receive(build_response(sent, status, to_tag="x"))
        assert isinstance(event, kind)
        assert event.key == key


def test_response_that_fits_nowhere_is_counted_and_dropped() -> None:
    """TXN-3: RFC 6026 §7.2, RFC 3261 §18.1.2, §8.1.3.3."""
    bench = Bench()
    bench.layer.request(own(), "z9hG4bKown", PEER, 0.0)
    unknown = build_response(own("z9hG4bKx"), 200)
    other_host = build_response(request(branch="z9hG4bKown", sent_by="192.0.2.77:5060"), 200)
    two_vias = build_response(own(), 200)
    two_vias.add("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKnext")
    in_one_line = build_response(own(), 200)
    in_one_line.set("Via", f"{in_one_line.get('via')}, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKnext")
    for response in (unknown, other_host, two_vias, in_one_line):
        (event,) = bench.receive(response)
        assert isinstance(event, StrayResponse)
    assert bench.layer.statistics.stray_responses == 4
    bench.sent()


def test_response_to_a_forwarded_request_has_the_vias_of_its_whole_way() -> None:
    """TXN-3, SRV-7: a proxy's client transaction; one Via too few or too many is a stray."""
    forwarded = own()
    forwarded.add("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKb")
    bench = Bench()
    bench.layer.request(forwarded, "z9hG4bKown", PEER, 0.0)
    answers = [build_response(forwarded, 180) for _ in range(3)]
    answers[0].set("Via", ", ".join(forwarded.values("via")[:2]))
    answers[1].add("Via", "SIP/2.0/UDP 192.0.2.7")
    answers[2].set("Via", ", ".join(forwarded.values("via")))
    told = [type(event) for answer in answers for event in bench.receive(answer)]
    assert told == [StrayResponse, StrayResponse, ProvisionalResponse]
    bench.sent()


def test_cancel_is_a_transaction_of_its_own_on_the_same_path() -> None:
    """TXN-4: §9.1."""
    bench = Bench()
    far = Endpoint("UDP", "198.51.100.1", 5070)
    key = bench.layer.request(own(), "z9hG4bKown", far, 0.0)
    cancel = bench.layer.cancel(key, 0.5)
    assert cancel == ("z9hG4bKown", "CANCEL")
    assert bench.sent() == [("INVITE", far), ("CANCEL", far)]
    (event,) = bench.receive(build_response(own(method="CANCEL"), 200))
    assert isinstance(event, SuccessResponse)
    assert event.key == cancel


def test_lost_transport_is_told_to_each_request_that_went_there_only() -> None:
    """TXN-7."""
    bench = Bench()
    one = bench.layer.request(own("z9hG4bK1"), "z9hG4bK1", PEER, 0.0)
    other = Endpoint("UDP", "192.0.2.3", 5060)
    bench.layer.request(own("z9hG4bK2"), "z9hG4bK2", other, 0.0)
    bench.layer.flow_failed(Endpoint("UDP", "192.0.2.2", 5060, "any flow"), "refused", 1.0)
    assert bench.told() == [TransportFailed(one, "refused"), TransactionTerminated(one)]
    assert len(bench.layer) == 1


def test_end_of_a_connection_is_looked_up_and_not_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """TXN-7, TRN-6: whoever opens and closes connections does not make every transaction be asked."""
    bench = Bench()
    for number in range(200):
        peer = Endpoint("TCP", "192.0.2.2", 5060 + number, f"tcp-{number}")
        name = f"z9hG4bK{number}"
        message = parse_message(
            request("OPTIONS", branch=name, call_id=name).to_bytes().replace(b"/UDP", b"/TCP")
        )
        assert isinstance(message, Request)
        bench.layer.receive_message(message, peer, 0.0)
        bench.layer.request(own(f"{name}c"), f"{name}c", peer, 0.0)
    bench.told()
    asked: list[Endpoint] = []
    meets = Endpoint.meets

    def counted(self: Endpoint, other: Endpoint) -> bool:
        asked.append(self)
        return meets(self, other)

    monkeypatch.setattr(Endpoint, "meets", counted)
    gone = Endpoint("TCP", "192.0.2.2", 5067, "tcp-7")
    (answering,) = bench.layer.answering(gone)
    assert answering.destination.flow == "tcp-7"
    bench.layer.flow_failed(gone, "gone", 1.0)
    assert [type(event) for event in bench.told()] == [TransportFailed, TransactionTerminated]
    assert len(asked) == 2
    bench.layer.redirect(answering.key, Endpoint("TCP", "192.0.2.9", 5060))
    assert bench.layer.answering(gone) == []
    assert bench.layer.answering(Endpoint("TCP", "192.0.2.9", 5060)) == [answering]
    bench.layer.terminate(answering.key, 2.0)
    bench.told()
    assert bench.layer.answering(Endpoint("TCP", "192.0.2.9", 5060)) == []


def test_answer_over_udp_can_be_sent_by_a_connection_and_back() -> None:
    """TXN-5: RFC 3263 §5; it is found by the connection for as long as it goes there."""
    bench, there = Bench(), Endpoint("TCP", "192.0.2.9", 5060)
    event = bench.open(request("OPTIONS"))
    assert bench.layer.answering(PEER) == []
    bench.layer.redirect(event.key, there)
    assert [each.key for each in bench.layer.answering(there)] == [event.key]
    bench.layer.redirect(event.key, PEER)
    assert bench.layer.answering(there) == []


def test_destroyed_server_transaction_answers_nothing_more() -> None:
    """TXN-8: RFC 4320 §4.2: what cannot be answered in time is not answered at all."""
    bench = Bench()
    event = bench.open(request("OPTIONS"))
    bench.layer.terminate(event.key, 32.0)
    assert bench.told() == [TransactionTerminated(event.key)]
    assert bench.codes() == []
    assert bench.layer.closed
    bench.layer.terminate(event.key, 33.0)
    assert bench.told() == []


def test_destroyed_transaction_says_so() -> None:
    """TXN-4: 64·T1 after a CANCEL; a response after that is a stray."""
    bench = Bench()
    key = bench.layer.request(own(), "z9hG4bKown", PEER, 0.0)
    bench.layer.terminate(key, 1.0)
    bench.layer.terminate(("x", "y"), 1.0)
    assert bench.told() == [TransactionTerminated(key)]
    (event,) = bench.receive(build_response(own(), 200, to_tag="x"))
    assert isinstance(event, StrayResponse)


# Clean-up


@pytest.mark.parametrize("count", [4_000, pytest.param(25_000, marks=pytest.mark.long)])
def test_transactions_are_all_gone_after_their_timers(count: int) -> None:
    """TXN-8: a quarter of each kind, some answered and some not; 100,000 in the long form."""
    bench = Bench(max_transactions=2 * count)
    layer = bench.layer
    invite, options = request(), request("OPTIONS")
    for n in range(count):
        for method, template in (("INVITE", invite), ("OPTIONS", options)):
            branch = f"z9hG4bK{n}"
            sent = template.copy()
            sent.fields = [
                ("via", "Via", f"SIP/2.0/UDP 192.0.2.1:5060;branch={branch}"),
                *[f for f in template.fields if f[0] not in ("via", "call-id")],
                ("call-id", "Call-ID", str(n)),
            ]
            layer.request(sent, branch, PEER, 0.0)
            layer.receive_message(sent, PEER, 0.0)
            while (event := layer.next_event()) is not None:
                if isinstance(event, RequestReceived):
                    status = (200, 486)[n % 2] if method == "INVITE" or n % 3 else 183
                    layer.respond(event.key, build_response(event.request, status, to_tag="a"), 0.0)
                    if status == 183:
                        layer.respond(event.key, build_response(event.request, 404, to_tag="a"), 0.0)
            if n % 8:
                layer.receive_message(build_response(sent, 100 + 100 * (n % 4), to_tag="a"), PEER, 0.0)
                while layer.next_event() is not None:
                    pass
            layer.out.transmits.clear()
    assert len(layer) == 4 * count
    for n in range(4, count, 8):  # a ringing INVITE has no timer: its user gives it up
        layer.terminate((f"z9hG4bK{n}", "INVITE"), 0.0)
    while (deadline := layer.deadline) is not None:
        layer.handle_timeout(deadline)
        layer.out.transmits.clear()
        while layer.next_event() is not None:
            pass
    assert len(layer) == 0
    assert len(layer._store.schedule) == 0
    assert not layer._servers._merges


def test_closing_drops_what_only_absorbs_repeats_and_keeps_what_owes_something() -> None:
    """TXN-8."""
    bench = Bench()
    layer = bench.layer
    for number, status in enumerate((200, 200, 486, 0)):
        event = bench.open(request(branch=f"z9hG4bKi{number}", call_id=f"i{number}"))
        if status:
            bench.respond(event, status)
        if number == 0:
            needed = event.key
    bench.respond(bench.open(request("OPTIONS", branch="z9hG4bKo")), 200)
    layer.request(own("z9hG4bK1", "BYE"), "z9hG4bK1", PEER, 0.0)
    layer.request(own("z9hG4bK2", "BYE"), "z9hG4bK2", PEER, 0.0)
    bench.receive(build_response(own("z9hG4bK1", "BYE"), 200))
    assert len(layer) == 7
    layer.close(1.0, [needed])
    layer.close(1.0, [needed])
    bench.told()
    # Left: the accepted INVITE whose call goes on, the failure without ACK, the open INVITE, one BYE.
    assert len(layer) == 4
    layer.release(needed, 1.0)
    bench.receive(build_response(own("z9hG4bK2", "BYE"), 200), 1.0)
    bench.receive(request("ACK", branch="z9hG4bKi2", call_id="i2", to_tag="a"), 1.0)
    bench.told()
    assert len(layer) == 1
    assert not layer.closed
