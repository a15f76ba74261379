"""What becomes of each REGISTER: the application may decide, the store is written, the bus is told."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sansio_sip.errors import LocalProtocolError
from sansio_sip.register import BindingCause
from trio_runtime.base.register_request import RegisterRefusal, RegisterRequest
from trio_runtime.events import types as facts
from trio_runtime.registrar.types import RegistrarStatistics, source_text
from trio_runtime.registrar.writer import StoreWriter

if TYPE_CHECKING:
    from sansio_sip import register
    from sansio_sip.register import Binding, MemoryBindingStore
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.registrar_config import RegisterHook
    from trio_runtime.base.registrar_store import RegistrarStore, StoreFailedError
    from trio_runtime.dialog import RegistrarSide
    from trio_runtime.registrar.surroundings import RegistrarBus, RegistrarCounts
    from trio_runtime.registrar.writer import Written

__all__ = ["RegistrationManager"]

logger = logging.getLogger("trio_runtime")
_CAUSES = {BindingCause.REGISTERED: "unregistered"}


class RegistrationManager:
    """Takes what the registrar tells.

    Args:
        environment: Clock and wall time.
        side: The registrar.
        bindings: Its bindings.
        store: Where they outlive us, or ``None``.
        decide: What is asked about each change, or ``None``.
        bus: Where events are published.
        start_soon: Starts a task that lives as long as the coordinator.
    """

    def __init__(
        self,
        environment: Environment,
        side: RegistrarSide,
        bindings: MemoryBindingStore,
        store: RegistrarStore | None,
        decide: RegisterHook | None,
        bus: RegistrarBus,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self._now = environment.clock.now
        self._side = side
        self._decide = decide
        self._bus = bus
        self._start_soon = start_soon
        self._decisions_failed = 0
        self.writer = (
            None
            if store is None
            else StoreWriter(
                store,
                bindings.load,
                environment.clock,
                environment.epoch,
                self._written,
                self._store_failed,
            )
        )

    # A change that waits

    def change_held(self, event: register.ChangeHeld) -> None:
        """Take a change: ask the application, then write it."""
        if self._decide is None:
            self._write(event)
            return
        try:
            decision = self._decide(_request_of(event))
        except Exception:
            self._decision_failed(event)
            return
        if isinstance(decision, Awaitable):
            self._start_soon(lambda: self._decide_later(event, decision))
        else:
            self._apply(event, decision)

    async def _decide_later(
        self, event: register.ChangeHeld, decision: Awaitable[RegisterRefusal | None]
    ) -> None:
        try:
            decided = await decision
        except Exception:
            self._decision_failed(event)
        else:
            self._apply(event, decided)

    def _apply(self, event: register.ChangeHeld, decision: RegisterRefusal | None) -> None:
        if decision is None:
            self._write(event)
            return
        try:
            self._side.refuse(event.change, decision.status_code, decision.reason, decision.headers)
        except LocalProtocolError:
            self._decision_failed(event)

    def _decision_failed(self, event: register.ChangeHeld) -> None:
        """Report the function of the application, from within the handling of what it raised."""
        self._decisions_failed += 1
        logger.exception("the decision about a REGISTER of %s failed", event.aor)
        self._side.refuse(event.change, 500)

    def _write(self, event: register.ChangeHeld) -> None:
        if self.writer is None:
            self._side.confirm(event.change)
        else:
            self.writer.submit(event.aor, event.change, event.bindings)

    def _written(self, changes: list[Written]) -> None:
        for each in changes:
            if each.error is None:
                self._side.confirm(each.change)
            else:
                self._side.refuse(each.change, 500)

    def _store_failed(self, error: StoreFailedError) -> None:
        waiting = 0 if self.writer is None else self.writer.statistics().waiting
        self._bus.announce(facts.StoreFailed, str(error), waiting)

    # What has happened

    def bindings_changed(self, event: register.BindingsChanged) -> None:
        """Take the news that the bindings of an address are others now."""
        if self.writer is not None and event.cause is not BindingCause.REGISTERED:
            self.writer.touch(event.aor)  # the other causes are nobody's request, and nobody waits
        for binding in event.removed:
            cause = _CAUSES.get(event.cause, event.cause.value)
            self._bus.announce(facts.ContactRemoved, event.aor, binding.contact, cause, len(event.bindings))
        for binding in event.added:
            self._tell(event, binding, refreshed=False)
        for binding in event.refreshed:
            self._tell(event, binding, refreshed=True)

    def _tell(self, event: register.BindingsChanged, binding: Binding, *, refreshed: bool) -> None:
        self._bus.announce(
            facts.ContactRegistered,
            event.aor,
            binding.contact,
            round(binding.expires_at - self._now()),
            refreshed,
            source_text(binding.source),
            binding.user_agent,
            event.username,
        )

    def refused(self, event: register.RegisterRefused) -> None:
        """Take the news that somebody could not register."""
        self._bus.announce(facts.RegisterRefused, event.aor, event.status_code, event.reason, event.username)

    def statistics(self, machine: RegistrarCounts) -> RegistrarStatistics:
        """Return the counters, those of the machine's registrar among them."""
        counted = machine.registrar
        return RegistrarStatistics(
            addresses=machine.registered,
            waiting=machine.held,
            accepted=0 if counted is None else counted.accepted,
            refused=0 if counted is None else counted.refused,
            challenged=0 if counted is None else counted.challenged,
            overdue=0 if counted is None else counted.overdue,
            expired=0 if counted is None else counted.expired,
            flows_failed=0 if counted is None else counted.flows_failed,
            decisions_failed=self._decisions_failed,
            store=None if self.writer is None else self.writer.statistics(),
        )


def _request_of(event: register.ChangeHeld) -> RegisterRequest:
    request = event.request
    return RegisterRequest(
        address=event.aor,
        username=event.username,
        contacts=tuple([binding.contact for binding in event.bindings]),
        removed=tuple([binding.contact for binding in event.removed]),
        source=source_text(event.source),
        user_agent=request.get("user-agent") or "",
        headers=tuple([(name, value) for _, name, value in request.fields]),
    )
