"""The two tables of a proxy: total, without dead ends, each row run."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from random import Random
from typing import Any

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_request
from sansio_sip.outbound import Outbound
from sansio_sip.proxy import (
    Branch,
    BranchInput,
    BranchState,
    ContextInput,
    ContextState,
    ResponseContext,
    Target,
)
from sansio_sip.proxy.forwarding import Forwarded
from sansio_sip.table import Table
from sansio_sip.transaction import (
    AckReceived,
    LayerConfig,
    ProvisionalResponse,
    TransactionLayer,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from tests.sip.proxy.setups import make_config

Any_ = Table[Any, Any, Any]
B, I = BranchState, BranchInput  # noqa: E741
FROM_OUTSIDE: dict[Any_, set[IntEnum]] = {
    Branch.table: {
        I.TRYING,
        I.PROVISIONAL,
        I.SUCCESS,
        I.FAILURE,
        I.TIMED_OUT,
        I.TRANSPORT_FAILED,
        I.GONE,
        I.CANCEL,
    },
    ResponseContext.table: {
        ContextInput.PROVISIONAL,
        ContextInput.SUCCESS,
        ContextInput.FAILURE,
        ContextInput.GLOBAL_FAILURE,
        ContextInput.CANCEL,
    },
}
each_table = pytest.mark.parametrize("table", FROM_OUTSIDE, ids=lambda table: table.name)


def states(table: Any_) -> set[IntEnum]:
    return {state for state, _ in table.rows} | {rule.state for rule in table.rows.values()}


@each_table
def test_whatever_comes_from_outside_is_known(table: Any_) -> None:
    """SRV-7: what a response, a timer, or the DNS brings, is no surprise in any state."""
    for state in states(table) - {table.final, ContextState.ROUTING}:
        for what in FROM_OUTSIDE[table]:
            assert (state, what) in table.rows or (state, what) in table.ignored, f"{state!r} {what!r}"


@each_table
def test_nothing_is_both_a_row_and_ignored(table: Any_) -> None:
    """SRV-7."""
    assert not set(table.rows) & set(table.ignored)


@each_table
def test_every_state_is_reached_and_left(table: Any_) -> None:
    """SRV-7, law 7."""
    seen: set[IntEnum] = {BranchState.CALLING if table is Branch.table else ContextState.ROUTING}
    while more := {rule.state for (before, _), rule in table.rows.items() if before in seen} - seen:
        seen |= more
    assert seen == states(table)
    alive: set[IntEnum] = {table.final}
    while more := {before for (before, _), rule in table.rows.items() if rule.state in alive} - alive:
        alive |= more
    assert alive == states(table)


@each_table
def test_a_state_without_a_timer_has_an_owner(table: Any_) -> None:
    """SRV-7, law 7."""
    for state in states(table) - {table.final}:
        timers = {w for s, w in table.rows if s == state and ("TIMER" in w.name or "EXPIRED" in w.name)}
        assert bool(timers) != (state in table.user_owned), f"{state!r}"


class Owner:
    """Notes what a branch tells."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def branch_provisional(self, response: Response) -> None:
        self.told.append(response.status_code)

    def branch_success(self, response: Response) -> None:
        self.told.append(response.status_code)

    def branch_failure(self, tried: Request, response: Response) -> None:
        self.told.append(response.status_code)

    def branch_failed(self, status_code: int) -> None:
        self.told.append(f"like {status_code}")

    def try_instead(self, target: Target) -> bool:
        return bool(target.spares)

    def branch_changed(self, branch: object) -> None:
        return


def branch(method: str = "INVITE", uri: str = "sip:bob@192.0.2.101", **options: Any) -> tuple[Branch, Owner]:
    request = build_request(
        method,
        uri,
        via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKup",
        from_="<sip:a@h>;tag=1",
        to="<sip:b@h>",
        call_id="c",
        cseq=1,
    )
    layer = TransactionLayer(LayerConfig(), now=0.0)
    outbound = Outbound(
        layer, ids=Ids(Random(1).randbytes), sent_by={"UDP": ("192.0.2.10", 5060)}, questions=deque()
    )
    owner = Owner()
    made = Branch(
        Forwarded(request, uri),
        Target(uri=uri, **options),
        1,
        owner=owner,
        config=make_config(),
        outbound=outbound,
        now=0.0,
    )
    made.start(lambda request, endpoint: "z9hG4bKours")
    return made, owner


PREFIXES: dict[BranchState, list[BranchInput]] = {
    B.CALLING: [],
    B.PROCEEDING: [I.TRYING],
    B.CANCEL_PENDING: [I.CANCEL],
    B.CANCELLING: [I.TRYING, I.CANCEL],
    B.ANSWERED: [I.SUCCESS],
    B.DONE: [I.FAILURE],
    B.TERMINATED: [I.FAILURE, I.GONE],
}


@pytest.mark.parametrize("state", list(BranchState))
@pytest.mark.parametrize("what", list(BranchInput))
def test_every_pair_of_a_branch_does_what_its_table_says(state: BranchState, what: BranchInput) -> None:
    """SRV-7: each row run; what is neither a row nor ignored is a mistake of the caller."""
    made, _ = branch()
    response = Response(180, "", [])
    for before in PREFIXES[state]:
        made._fire(before, response)
    assert made.state is state
    rule = Branch.table.rows.get((state, what))
    if rule is not None:
        made._fire(what, response)
        assert made.state is rule.state
    elif (state, what) in Branch.table.ignored or state is B.TERMINATED:
        made._fire(what, response)
        assert made.state is state
    else:
        with pytest.raises(LocalProtocolError):
            made._fire(what, response)


def test_what_becomes_of_a_cancel_is_of_no_consequence() -> None:
    """SRV-7: RFC 3261 §9.1."""
    made, owner = branch()
    made._fire(I.TRYING)
    made.cancel(1.0)
    key = ("z9hG4bKours", "CANCEL")
    made.transaction_event(TransactionTimedOut(key), 33.0)
    made.transaction_event(TransportFailed(key, "gone"), 33.0)
    made.transaction_event(AckReceived(made.request, Endpoint("UDP", "h", 1)), 33.0)
    made.transaction_event(TransactionTerminated(key), 33.0)
    assert made.state is B.CANCELLING
    assert owner.told == []
    assert "CANCELLING" in repr(made)


def test_a_branch_is_closed_when_both_transactions_are_gone() -> None:
    """SRV-7."""
    made, owner = branch()
    made._fire(I.TRYING)
    made.cancel(1.0)
    made.transaction_event(ProvisionalResponse(("z9hG4bKours", "INVITE"), _response(180)), 1.5)
    made._fire(I.FAILURE, _response(487))
    assert made.state is B.DONE
    made.transaction_event(TransactionTerminated(("z9hG4bKours", "INVITE")), 40.0)
    closed = [made.closed]
    made.transaction_event(TransactionTerminated(("z9hG4bKours", "CANCEL")), 41.0)
    closed.append(made.closed)
    assert closed == [False, True]
    assert owner.told == [180, 487]


def _response(status: int) -> Response:
    response = Response(status, "")
    response.add("CSeq", "1 INVITE")
    return response


def test_timer_c_in_calling_destroys_the_transaction() -> None:
    """SRV-7, TXN-2: RFC 3261 §16.8: where timer B is later than timer C."""
    made, owner = branch()
    assert made.deadline == 185.0
    states = []
    for now in (184.9, 185.0):
        made.handle_timeout(now)
        states.append(made.state)
    assert states == [B.CALLING, B.DONE]
    assert owner.told == ["like 408"]
    assert made.deadline is None


def test_only_an_invite_has_timer_c_and_a_ring_time() -> None:
    """SRV-7: RFC 3261 §16.6 item 11, §9.1."""
    made, _ = branch("MESSAGE", ring_time=5.0)
    assert made.deadline is None
    made.cancel(1.0)
    assert made.state is B.CALLING
    assert branch(ring_time=5.0)[0].deadline == 5.0
