"""Requests that a proxy does not forward (RFC 3261 §16.3, RFC 5393)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response
from sansio_sip.proxy import Reply, RequestForwarded, RequestRefused, Target
from tests.sip.proxy.bench import CALLER, Bench, reply
from tests.sip.proxy.setups import make_config
from tests.sip.vectors import INVITE


def test_a_malformed_request_gets_400_and_leaves_nothing() -> None:
    """SRV-7: RFC 3261 §16.3 item 1."""
    bench = Bench()
    bench.send(INVITE.replace(b"CSeq: 1 INVITE", b"CSeq: 1"))
    assert bench.lines() == ["400"]
    bench.send(INVITE.replace(b"CSeq: 1 INVITE", b"CSeq: 1").replace(b"INVITE sip", b"ACK sip"))
    bench.send(b"SIP/2.0 200 OK\r\n\r\n")
    bench.send(b"\r\n\r\n")
    assert bench.lines() == []
    statistics = bench.stateful.statistics()
    assert (statistics.malformed, statistics.keep_alives, statistics.transactions) == (3, 1, 0)


@pytest.mark.parametrize(
    "extra",
    [
        ("Route", "<sip:192.0.2.10;lr"),
        ("Route", "192.0.2.10 <"),
        ("Route", "<sip:192.0.2.9>, <!>"),
        ("Max-Breadth", "many"),
        ("Max-Breadth", "-1"),
    ],
)
def test_a_header_that_forwarding_needs_must_be_readable(extra: tuple[str, str]) -> None:
    """SRV-7: RFC 3261 §16.3 item 1."""
    assert Bench().answered(extra=[extra]).status_code == 400


def test_what_forwarding_does_not_need_is_left_alone() -> None:
    """SRV-7: RFC 3261 §16.3 item 1: unknown methods and headers, and damaged ones, go through unchanged."""
    extra = [("Date", "yesterday"), ("X-Odd", '"open <'), ("Contact", "<<>"), ("x-Case", "kept ;;")]
    copy, _ = Bench().forwarded(method="FROBNICATE", extra=extra, body=b"\0\xff body")
    assert [(name, value) for _, name, value in copy.fields if (name, value) in extra] == extra
    assert copy.method == "FROBNICATE"
    assert copy.body == b"\0\xff body"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"uri": "http://example.com/"}, 416),
        ({"uri": "urn:service:sos"}, 416),
        ({"max_forwards": "0"}, 483),
        ({"max_forwards": "0", "method": "OPTIONS"}, 483),
        ({"extra": [("Max-Breadth", "0")]}, 440),
    ],
)
def test_checks_have_their_status(options: dict[str, Any], status: int) -> None:
    """SRV-7: RFC 3261 §16.3 items 2 and 3, RFC 5393 §5.3.3."""
    bench = Bench()
    response = bench.answered(**options)
    assert response.status_code == status
    assert response.to_tag
    assert [type(event) for event in bench.events()] == [RequestRefused]


def test_a_scheme_may_be_allowed() -> None:
    """SRV-7: RFC 3261 §16.3 item 2."""
    bench = Bench(schemes=frozenset({"SIP", "urn"}))
    copy, _ = bench.forwarded(uri="urn:service:sos")
    assert copy.uri == "sip:bob@192.0.2.101"
    assert bench.answered(uri="tel:+123").status_code == 416


def test_an_option_that_is_no_token_does_not_come_back() -> None:
    """SRV-7, MSG-9: a quoted NUL in Proxy-Require is 400, and no exception leaves the proxy."""
    bench = Bench()
    request = bench.request(extra=[("Proxy-Require", '"\\X-here"')])
    bench.send(request.to_bytes().replace(b"X-here", b"\0"))
    assert bench.lines() == ["400"]


def test_proxy_require_lists_what_is_not_understood() -> None:
    """SRV-7: RFC 3261 §16.3 item 5; not in ACK and CANCEL."""
    bench = Bench(options=frozenset({"Known"}))
    response = bench.answered(extra=[("Proxy-Require", "known, odd"), ("Proxy-Require", "strange")])
    assert (response.status_code, response.get("unsupported")) == (420, "odd, strange")
    bench.send(bench.request("ACK", "sip:bob@192.0.2.101", to_tag="x", extra=[("Proxy-Require", "odd")]))
    assert bench.lines() == []
    assert bench.forwarded(cseq=2, extra=[("Proxy-Require", "KNOWN")])[0].method == "INVITE"


def test_credentials_are_asked_for_where_the_authorizer_wants_them() -> None:
    """SRV-7: RFC 3261 §16.3 item 6, §22.3; never in ACK and CANCEL."""
    asked: list[str] = []

    def authorize(request: Request, source: Endpoint) -> Reply | None:
        asked.append(request.method)
        assert source == CALLER
        if request.get("proxy-authorization"):
            return None
        return reply(407, Proxy_Authenticate='Digest realm="example.com", nonce="1"')

    bench = Bench(authorize=authorize)
    challenge = bench.answered(branch="z9hG4bKx")
    assert challenge.status_code == 407
    assert challenge.get("proxy-authenticate") == 'Digest realm="example.com", nonce="1"'
    copy, _ = bench.forwarded(cseq=2, extra=[("Proxy-Authorization", 'Digest username="alice"')])
    assert copy.get("proxy-authorization") == 'Digest username="alice"'
    bench.send(bench.request("ACK", "sip:bob@192.0.2.101", to_tag="x"))
    bench.send(bench.request("CANCEL", "sip:bob@192.0.2.101"))
    assert bench.lines() == ["ACK", "CANCEL"]
    assert asked == ["INVITE", "INVITE"]


@pytest.mark.parametrize(
    ("routing", "status"), [([], 480), (Reply(404), 404), (Reply(485), 485), (Reply(603), 603)]
)
def test_the_router_may_answer(routing: list[Target] | Reply, status: int) -> None:
    """SRV-7: RFC 3261 §16.5: 404 for who does not exist, 480 for who is nowhere."""
    bench = Bench(routing)
    assert bench.answered().status_code == status
    assert bench.answered(method="OPTIONS", cseq=2).status_code == status


def test_merged_requests_are_no_error_for_a_proxy() -> None:
    """SRV-7: RFC 3261 §16.3: each copy is forwarded."""
    bench = Bench()
    for _ in range(3):
        bench.send(bench.request("OPTIONS"))
    assert bench.lines() == ["OPTIONS"] * 3


def test_a_router_that_breaks_costs_its_request_only() -> None:
    """SRV-7: the request gets 500, the error reaches the runtime, the next request is forwarded."""

    def router(request: Request, source: Endpoint) -> list[Target]:
        if request.cseq.number == 1:
            raise KeyError("no database")
        return [Target(uri="sip:bob@192.0.2.101")]

    bench = Bench(router=router)
    with pytest.raises(KeyError):
        bench.send(bench.request())
    assert bench.response().status_code == 500
    assert bench.forwarded(cseq=2)[0].method == "INVITE"


def test_more_requests_than_allowed_get_503() -> None:
    """SRV-7, law 8."""
    bench = Bench(max_contexts=2, retry_after=7)
    for number in (1, 2):
        bench.forwarded(call_id=str(number))
    response = bench.answered(call_id="3")
    assert (response.status_code, response.get("retry-after")) == (503, "7")
    assert bench.stateful.statistics().contexts == 2
    assert bench.stateful.statistics().refused == 1
    small = Bench(max_transactions=1)
    small.forwarded(call_id="1")
    assert small.answered(call_id="2").status_code == 503


def test_targets_beyond_the_limit_are_left_out_and_counted() -> None:
    """SRV-7, law 8."""
    bench = Bench([Target(uri=f"sip:bob@192.0.2.{host}") for host in range(101, 107)], max_targets=4)
    bench.send(bench.request())
    assert bench.lines() == ["INVITE"] * 4
    assert bench.stateful.statistics().targets_left_out == 2
    assert len([event for event in bench.events() if isinstance(event, RequestForwarded)]) == 4


@pytest.mark.parametrize(
    "options",
    [
        {"uri": "no uri"},
        {"uri": "sip:bob@h", "q": 1.5},
        {"uri": "sip:bob@h", "ring_time": 0},
        {"uri": "sip:bob@h", "routes": ("<sip:broken",)},
        {"uri": "sip:bob@h", "headers": (("X", "a\r\nb"),)},
    ],
)
def test_a_bad_target_is_refused_when_it_is_made(options: dict[str, object]) -> None:
    """SRV-7."""
    with pytest.raises(ValueError, match=next(name for name in reversed(options))):
        Target(**options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="status_code"):
        Reply(180)
    with pytest.raises(ValueError, match="headers"):
        Reply(404, (("Bad Name", "x"),))


@pytest.mark.parametrize(
    ("name", "value"),
    [("sent_by", {}), ("sent_by", {"SCTP": ("h", 1)}), ("timer_c", 180.0), ("max_breadth", 0)],
)
def test_a_bad_configuration_names_its_field(name: str, value: object) -> None:
    """SRV-7."""
    with pytest.raises(ValueError, match=name):
        make_config(**{name: value})


def test_answers_of_the_proxy_have_one_tag_and_the_vias_of_the_request() -> None:
    """SRV-7: RFC 3261 §8.2.6."""
    bench = Bench(Reply(404))
    message = bench.request(
        via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKb"
    )
    bench.send(message)
    first = bench.response()
    bench.send(message)
    assert isinstance(first, Response)
    assert bench.response().to_bytes() == first.to_bytes()
    assert [via.branch for via in first.vias] == ["z9hG4bKa", "z9hG4bKb"]
