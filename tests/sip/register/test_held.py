"""Changes of bindings that wait for a word: nothing counts before it, and the order stays."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.register import (
    BindingCause,
    BindingsChanged,
    ChangeHeld,
    MemoryBindingStore,
    RegisterRefused,
    StoreError,
)
from tests.sip.register.test_registrar import AOR, OUTBOUND, PHONE, Desk, flow

ONE, TWO = "<sip:alice@192.0.2.1>", "<sip:alice@192.0.2.2>"
BOB = "sip:bob@example.com"


class Hall(Desk):
    """A registrar that holds, with what it says."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(hold_changes=True, **settings)

    def give(self, request: Request, source: Endpoint = PHONE) -> None:
        self.plumbing.layer.receive_message(parse_message(request.to_bytes()), source, self.now)
        for event in self.plumbing.dispatch(self.now):
            self.registrar.receive_request(event.key, event.request, event.source, self.now)

    def hold(self, *contacts: str, source: Endpoint = PHONE, **how: Any) -> int:
        """Let a REGISTER be held; return its number."""
        self.give(self.request(*contacts, **how), source)
        assert self.answers() == []
        (held,) = [event for event in self.events() if isinstance(event, ChangeHeld)]
        return held.change

    def answers(self) -> list[Response]:
        found: list[Response] = []
        while (transmit := self.registrar.next_transmit()) is not None:
            response = parse_message(transmit.data)
            assert isinstance(response, Response)
            found.append(response)
        return found

    def statuses(self) -> list[int]:
        return [response.status_code for response in self.answers()]


def test_nothing_counts_before_the_word() -> None:
    """SRV-5: no answer and no binding; then both, and the event says what it was."""
    desk = Hall()
    desk.give(desk.request(ONE, extra=[("Expires", "600")]))
    (held,) = desk.events()
    assert isinstance(held, ChangeHeld)
    assert (held.aor, held.source, held.request.method) == (AOR, PHONE, "REGISTER")
    assert [binding.contact for binding in held.bindings] == ["sip:alice@192.0.2.1"]
    assert (desk.answers(), desk.contacts(), desk.registrar.held) == ([], [], 1)
    desk.now = 2.0
    desk.registrar.confirm(held.change, desk.now)
    (response,) = desk.answers()
    assert response.values("contact") == ["<sip:alice@192.0.2.1>;expires=598"]
    assert desk.contacts() == ["sip:alice@192.0.2.1"]
    (changed,) = desk.events()
    assert isinstance(changed, BindingsChanged)
    assert (changed.cause, changed.removed) == (BindingCause.REGISTERED, ())
    assert (desk.registrar.held, desk.registrar.statistics.accepted) == (0, 1)


def test_refused_change_leaves_everything_as_it_was() -> None:
    """SRV-4, SRV-5: status, phrase and fields are the user's own."""
    desk = Hall(software="r/1")
    desk.registrar.confirm(desk.hold(ONE), 0.0)
    desk.answers(), desk.events()
    change = desk.hold("*", extra=[("Expires", "0")], cseq=2)
    desk.registrar.refuse(change, 403, 0.0, reason="Not Now", fields=[("Retry-After", "9")])
    (response,) = desk.answers()
    assert (response.status_code, response.reason, response.get("retry-after")) == (403, "Not Now", "9")
    assert response.get("server") == "r/1"
    assert desk.contacts() == ["sip:alice@192.0.2.1"]
    (refused,) = desk.events()
    assert isinstance(refused, RegisterRefused)
    assert (refused.status_code, refused.reason) == (403, "Not Now")


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (200, {}),
        (700, {}),
        (403, {"reason": "a\r\nb"}),
        (403, {"fields": [("X", "a\r\nb")]}),
        (403, {"change": 9}),
    ],
)
def test_wrong_word_is_told_and_changes_nothing(status: int, how: dict[str, Any]) -> None:
    """SRV-4, ERR-1."""
    desk = Hall()
    change = desk.hold(ONE)
    with pytest.raises(LocalProtocolError):
        desk.registrar.refuse(how.pop("change", change), status, 0.0, **how)
    with pytest.raises(LocalProtocolError):
        desk.registrar.confirm(change + 1, 0.0)
    assert (desk.answers(), desk.registrar.held) == ([], 1)
    desk.registrar.confirm(change, 0.0)
    assert desk.statuses() == [200]


def test_requests_of_one_address_wait_behind_each_other() -> None:
    """SRV-5, RFC 3261 §10.3 step 7: each sees what the one before it made; others go their way."""
    desk = Hall()
    first = desk.hold(ONE, cseq=5)
    desk.give(desk.request(TWO, cseq=6))
    desk.give(desk.request(ONE, cseq=4))  # older than the one that waits to be written
    desk.give(desk.request())  # asks only
    other = desk.hold("<sip:bob@192.0.2.3>", to=f"<{BOB}>", call_id="b")
    assert desk.registrar.held == 5
    desk.registrar.confirm(other, 0.0)
    assert desk.statuses() == [200]
    assert desk.contacts(BOB) == ["sip:bob@192.0.2.3"]
    desk.events()
    desk.registrar.confirm(first, 0.0)
    assert desk.statuses() == [200]
    (second,) = [event.change for event in desk.events() if isinstance(event, ChangeHeld)]
    desk.registrar.confirm(second, 0.0)
    answers = desk.answers()
    assert [response.status_code for response in answers] == [200, 500, 200]
    assert len(answers[2].values("contact")) == 2
    assert desk.registrar.held == 0
    assert desk.deadline() is not None


def test_failed_write_lets_the_next_one_go_on() -> None:
    """SRV-5: what waited starts from the bindings as they still are."""
    desk = Hall()
    first = desk.hold(ONE, cseq=5)
    desk.give(desk.request(TWO, cseq=6))
    desk.registrar.refuse(first, 500, 0.0)
    assert desk.statuses() == [500]
    (second,) = [event.change for event in desk.events() if isinstance(event, ChangeHeld)]
    desk.registrar.confirm(second, 0.0)
    assert desk.contacts() == ["sip:alice@192.0.2.2"]


def test_who_waits_for_too_long_is_answered() -> None:
    """SRV-5: 503 by a timer; the word that comes late still counts, so that store and memory agree."""
    desk = Hall(patience=3.0, retry_after=7)
    change = desk.hold(ONE, cseq=1)
    desk.now = 1.0
    desk.give(desk.request(TWO, cseq=2))
    assert desk.deadline() == 3.0
    desk.pass_time(3.5)
    (response,) = desk.answers()
    assert (response.status_code, response.get("retry-after")) == (503, "7")
    assert desk.deadline() == 4.0
    desk.pass_time(5.0)
    assert desk.statuses() == [503]
    assert desk.registrar.statistics.overdue == 2
    desk.registrar.confirm(change, 5.0)
    assert (desk.answers(), desk.contacts()) == ([], ["sip:alice@192.0.2.1"])
    assert desk.registrar.held == 0


def test_late_refusal_answers_nobody() -> None:
    """SRV-5."""
    desk = Hall(patience=3.0)
    change = desk.hold(ONE)
    desk.pass_time(3.5)
    assert desk.statuses() == [503]
    desk.registrar.refuse(change, 500, desk.now)
    assert (desk.answers(), desk.contacts(), desk.registrar.held) == ([], [], 0)


def test_full_hall_refuses_more() -> None:
    """SRV-5, law 8: of another address and of the same one."""
    desk = Hall(max_held=1, max_addresses=5)
    change = desk.hold(ONE)
    desk.give(desk.request("<sip:bob@192.0.2.3>", to=f"<{BOB}>"))
    desk.give(desk.request(TWO, cseq=2))
    assert desk.statuses() == [503, 503]
    desk.registrar.confirm(change, 0.0)
    assert desk.statuses() == [200]


def test_new_addresses_that_wait_count_for_the_limit() -> None:
    """SRV-5, law 8."""
    desk = Hall(max_addresses=1)
    change = desk.hold(ONE)
    desk.give(desk.request("<sip:bob@192.0.2.3>", to=f"<{BOB}>"))
    assert desk.statuses() == [503]
    desk.registrar.refuse(change, 500, 0.0)
    assert desk.statuses() == [500]
    desk.events()
    desk.registrar.confirm(desk.hold("<sip:bob@192.0.2.3>", to=f"<{BOB}>"), 0.0)
    assert desk.statuses() == [200]


def test_binding_that_ends_meanwhile_ends_after_the_change() -> None:
    """SRV-5: a change that is refused leaves the timer, one that is confirmed has none left."""
    desk = Hall(patience=20.0)
    desk.registrar.confirm(desk.hold(f"{ONE};expires=60"), 0.0)
    desk.answers(), desk.events()
    desk.pass_time(50.0)
    change = desk.hold(TWO, cseq=2)
    desk.pass_time(65.0)
    assert desk.events() == []
    desk.registrar.refuse(change, 500, desk.now)
    desk.events()
    desk.pass_time(66.0)
    (expired,) = desk.events()
    assert isinstance(expired, BindingsChanged)
    assert (expired.cause, len(expired.removed)) == (BindingCause.EXPIRED, 1)


@pytest.mark.parametrize("confirmed", [True, False])
def test_flow_that_breaks_meanwhile_is_gone_after_the_change(confirmed: bool) -> None:
    """SRV-5, RFC 5626 §7: bindings of other flows are not touched."""
    desk = Hall()
    broken, other = Endpoint("TCP", "192.0.2.1", 4000, 1), Endpoint("TCP", "192.0.2.1", 4001, 2)
    desk.registrar.confirm(desk.hold(flow(1), extra=OUTBOUND, source=broken), 0.0)
    desk.answers(), desk.events()
    change = desk.hold(flow(2), extra=OUTBOUND, source=other, cseq=2)
    desk.registrar.flow_failed(broken, 0.0)
    desk.registrar.flow_failed(Endpoint("TCP", "192.0.2.9", 9, 9), 0.0)
    assert len(desk.contacts()) == 1
    if confirmed:
        desk.registrar.confirm(change, 0.0)
    else:
        desk.registrar.refuse(change, 500, 0.0)
    assert [binding.reg_id for binding in desk.registrar.lookup(AOR, 0.0)] == ([2] if confirmed else [])
    assert desk.registrar.statistics.flows_failed == 1


def test_closing_answers_all_that_wait() -> None:
    """SRV-5: 503 for each; a write that was on its way is still taken over."""
    desk = Hall()
    change = desk.hold(ONE)
    desk.give(desk.request(TWO, cseq=2))
    desk.registrar.close(0.0)
    assert desk.statuses() == [503, 503]
    desk.registrar.confirm(change, 0.0)
    assert (desk.answers(), desk.contacts()) == ([], ["sip:alice@192.0.2.1"])


@pytest.mark.parametrize("late", [True, False])
def test_store_that_fails_after_the_word_is_a_500(late: bool) -> None:
    """SRV-5: also when the phone has its answer already."""

    class Broken(MemoryBindingStore):
        def save(self, aor: str, bindings: tuple[Any, ...]) -> None:
            raise StoreError("disk full")

    desk = Hall(store=Broken(), patience=3.0)
    change = desk.hold(ONE)
    if late:
        desk.pass_time(4.0)
    desk.registrar.confirm(change, desk.now)
    assert desk.statuses() == [503 if late else 500]
    assert desk.contacts() == []
