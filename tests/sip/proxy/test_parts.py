"""The smaller parts of a proxy by themselves."""

from __future__ import annotations

from collections import deque
from random import Random

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, parse_uri
from sansio_sip.outbound import Outbound
from sansio_sip.proxy import (
    BranchInput,
    BranchState,
    ContextInput,
    ContextState,
    Later,
    ProxyCore,
    RoutingNeeded,
    Target,
)
from sansio_sip.proxy.identity import Identity
from sansio_sip.proxy.rewriting import without_first, without_last
from sansio_sip.transaction import LayerConfig, RequestReceived, TransactionLayer, TransactionTimedOut
from tests.sip.proxy.bench import BOB, CALLEE, CALLER, Bench
from tests.sip.proxy.setups import House, make_config, targets
from tests.sip.proxy.test_routing import FOREIGN, FlowBook
from tests.sip.proxy.test_tables import branch


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [
        ([], [], []),
        (["a"], [], []),
        (["a, b", "c"], ["b", "c"], ["a, b"]),
        (["a", "b, c"], ["b, c"], ["a", "b"]),
        (["", "a", ",", "b", ""], ["", ",", "b", ""], ["", "a", ",", ""]),
        (['<sip:a;x=",">, <sip:b>'], ["<sip:b>"], ['<sip:a;x=",">']),
    ],
)
def test_lists_lose_one_element_only(values: list[str], first: list[str], last: list[str]) -> None:
    """SRV-7: RFC 3261 §7.3.1: whether they stand in one field or in many."""
    fields = [("x", "X", "0"), *[("route", "Route", value) for value in values], ("y", "Y", "1")]
    for taken, expected in ((without_first(fields, "route"), first), (without_last(fields, "route"), last)):
        assert [value for key, _, value in taken if key == "route"] == expected
        assert [taken[0], taken[-1]] == [fields[0], fields[-1]]


def test_an_address_that_is_none_names_nobody() -> None:
    """SRV-7: `[1::2::3]` is no IPv6 address."""
    identity = Identity(make_config(sent_by={"UDP": ("2001:db8::10", 5060)}))
    assert identity.is_own(parse_uri("sip:[2001:db8::10]"))
    assert not identity.is_own(parse_uri("sip:[1::2::3]"))
    assert identity.uri("UDP", secure=False) == "sip:[2001:db8::10]:5060;lr"


def test_the_core_is_a_usage_that_an_agent_could_hold() -> None:
    """SRV-7: it stands on a layer and an outbound that somebody else pumps."""
    layer = TransactionLayer(LayerConfig(refuse_merged=False), now=0.0)
    ids = Ids(Random(1).randbytes)
    outbound = Outbound(layer, ids=ids, sent_by={"UDP": ("192.0.2.10", 5060)}, questions=deque())
    core = ProxyCore(make_config(), lambda request, source: BOB, now=0.0, ids=ids, outbound=outbound)
    layer.receive_message(Bench().request(), CALLER, 0.0)
    event = layer.next_event()
    assert isinstance(event, RequestReceived)
    core.receive_request(event.key, event.request, event.source, 0.0)
    transmit = core.next_transmit()
    assert transmit is not None
    assert transmit.destination == CALLEE
    assert core.next_event() is not None
    assert len(core) == 1
    assert core.deadline == 185.0
    assert core.scheduled == float("inf")
    core.server_event(TransactionTimedOut(event.key), 1.0)  # of no consequence (§16.7 item 9)
    core.server_event(TransactionTimedOut(("unknown",)), 1.0)
    assert len(core) == 1


def test_a_context_tells_its_state() -> None:
    """SRV-7."""
    bench = Bench(Later())
    bench.send(bench.request())
    (needed,) = bench.events()
    assert isinstance(needed, RoutingNeeded)
    context = bench.stateful._core._reception.by_number[needed.context]
    assert repr(context) == "<ResponseContext 1 ROUTING INVITE sip:bob@example.com>"
    assert not context.closed
    bench.stateful.route(needed.context, BOB, 0.0)
    with pytest.raises(LocalProtocolError):
        bench.stateful.route(needed.context, BOB, 0.0)
    assert context.state is ContextState.OPEN
    context._fire(ContextInput.FAILURE)  # without a response nothing is kept
    assert context._responses == []
    assert bench.lines() == ["INVITE"]


def test_actions_without_a_response_do_nothing() -> None:
    """SRV-7: the tables give one to each of these; nothing is told without it."""
    for what in (BranchInput.PROVISIONAL, BranchInput.SUCCESS, BranchInput.FAILURE):
        made, owner = branch()
        made._fire(what)
        assert owner.told == []
        assert made.state is not BranchState.CALLING


def test_an_ack_follows_the_flow_in_its_route() -> None:
    """SRV-7, TRN-4: RFC 5626 §5.3: an ACK to a phone behind a WebSocket."""
    phone = Endpoint("WS", "203.0.113.77", 50001, "7")
    book = FlowBook()
    bench = Bench(flows=book)
    route = f"<sip:{book.token(phone)}@192.0.2.10:80;transport=ws;lr>"
    ack, endpoint = bench.forwarded(
        method="ACK", uri=FOREIGN, routes=["<sip:192.0.2.10;lr>", route], to_tag="b"
    )
    assert endpoint is phone
    assert ack.routes == []


def test_repeats_of_a_2xx_go_on_when_the_server_transaction_is_gone() -> None:
    """SRV-7: RFC 3261 §16.7 item 9: the second phone's 2xx came late, and its ACK is lost for a while."""

    def fate(_number: int, data: bytes) -> tuple[float, ...]:
        cancel = data.startswith(b"CANCEL")
        early_ack = data.startswith(b"ACK sip:bob2") and house.wire.now < 40.0
        return () if cancel or early_ack else (0.01,)

    routing = targets("192.0.2.101", "192.0.2.102")
    house = House(routing, [(0, 180), (1, 200)], [(0, 180), (20, 200)], fate=fate, record_route=False)
    house.call()
    house.wire.at(60, house.alice.hang_up)
    house.run()
    assert house.finals() == [200, 200]
    late = [
        e for e in house.wire.log if e.source == "proxy" and e.time > 34 and e.data.startswith(b"SIP/2.0 200")
    ]
    assert late
    for entry in late:
        message = entry.message
        assert isinstance(message, Response)
        assert len(message.vias) == 1
        assert (entry.destination.host, entry.destination.port) == ("192.0.2.1", 5060)
    house.wire.assert_quiet()


def test_a_flow_needs_its_token_only_where_it_is_a_connection() -> None:
    """SRV-7: RFC 5626 §5.2: a datagram's source has no flow."""
    copy, _ = Bench(flows=FlowBook()).forwarded()
    assert copy.record_routes == ["<sip:192.0.2.10:5060;lr>"]
    assert isinstance(copy, Request)
    assert Target(uri="sip:a@b").flow is None
