"""What an agent serves besides calls: a table from the method to what answers it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from ..pager import Pager, PagerConfig
from ..register import Registrar, judge_register
from ..transaction import RequestReceived
from .gate import Gate
from .handover import Handover
from .methods import ANY_EXTENSION, KNOWN_METHODS
from .publications import Publications
from .requests import Requests

if TYPE_CHECKING:
    from ..invite import InCallTaker
    from ..machine import Endpoint
    from ..message import Request
    from ..register import RegistrarConfig
    from ..subscribe import Notifiers
    from ..transaction import TransactionKey
    from .backends import AgentBackends
    from .core import Core

__all__ = ["Services", "Taker"]

Taker: TypeAlias = Callable[[RequestReceived, str], None]
"""Answers a request outside of any dialog; the text is whose password the sender knows."""


class _Timed(Protocol):
    @property
    def deadline(self) -> float | None: ...

    def handle_timeout(self, now: float) -> None: ...


class Services:
    """Makes what the configuration asks for, and gives it time.

    Args:
        core: What the parts of the agent share.
        notifiers: The subscriptions to us.
        backends: Objects of the application's own.

    Attributes:
        gate: Who is let in; ``None`` when everybody is.
        handover: What the application answers itself.
        pager: Sends and takes messages.
        publications: What is published here, or ``None``.
        registrar: Where users are, or ``None``.
        requests: Requests of our own outside of calls.
        takers: What answers each method outside of dialogs.
    """

    __slots__ = ("_core", "_in_call", "_notifiers", "_timed", "gate", "handover", "pager", "publications",
                 "registrar", "requests", "takers")  # fmt: skip

    def __init__(self, core: Core, notifiers: Notifiers, backends: AgentBackends) -> None:
        config = core.config
        self._core = core
        self._notifiers = notifiers
        gate = config.authentication
        self.gate = None if gate is None else Gate(core, gate, backends.secrets)
        self.requests = Requests(core)
        self.handover = Handover(core)
        self.pager = self._make_pager(config.pager or PagerConfig())
        self.registrar = (
            None if config.registrar is None else self._make_registrar(config.registrar, backends)
        )
        wanted = config.compositor
        self.publications = None if wanted is None else Publications(core, wanted, notifiers, backends)
        self.takers: dict[str, Taker] = {}
        self._in_call: dict[str, InCallTaker] = {}
        self._fill_tables()
        core.in_call = self.in_call
        made: tuple[_Timed | None, ...] = (self.requests, self.handover, self.registrar, self.publications)
        self._timed = tuple([service for service in made if service is not None])

    def _make_pager(self, config: PagerConfig) -> Pager:
        core, own = self._core, self._core.config
        config = attrs.evolve(
            config,
            software=config.software or own.software,
            credentials=config.credentials or own.credentials,
        )
        return Pager(config, now=core.now, ids=core.ids, outbound=core.outbound, outbox=core.events())

    def _make_registrar(self, config: RegistrarConfig, backends: AgentBackends) -> Registrar:
        core = self._core
        return Registrar(
            attrs.evolve(config, software=config.software or core.config.software),
            now=core.now,
            ids=core.ids,
            outbound=core.outbound,
            store=backends.store,
            authenticator=None if self.gate is None else self.gate.for_registrar,
            may_register=backends.owns,
            outbox=core.events(),
        )

    def _fill_tables(self) -> None:
        config, takers = self._core.config, self.takers
        if config.event_packages:
            published = self.publications
            takers["SUBSCRIBE"] = self._subscribe if published is None else published.receive_subscribe
        if config.refers:
            takers["REFER"] = self._subscribe
        if self.registrar is not None:
            takers["REGISTER"] = functools.partial(self._register, self.registrar)
        if config.pager is not None:
            takers["MESSAGE"] = self._message
            self._in_call["MESSAGE"] = self._message_in_call
        if self.publications is not None:
            takers["PUBLISH"] = self.publications.receive
        for method in config.handed_over:
            if method != "INFO":  # of which there is none outside of calls
                takers[method] = self.handover.receive
            self._in_call[method] = self.handover.receive_in_call

    def taker(self, method: str) -> Taker | None:
        """Return what answers a method outside of dialogs."""
        found = self.takers.get(method)
        if found is None and method not in KNOWN_METHODS:
            return self.takers.get(ANY_EXTENSION)
        return found

    def in_call(self, method: str) -> InCallTaker | None:
        """Return what answers a method in calls that calls do not answer themselves."""
        found = self._in_call.get(method)
        if found is None and method not in KNOWN_METHODS:
            return self._in_call.get(ANY_EXTENSION)
        return found

    # What stands in the tables

    def _subscribe(self, event: RequestReceived, username: str) -> None:
        self._notifiers.receive_request(event.key, event.request, self._core.now, username=username)

    def _register(self, registrar: Registrar, event: RequestReceived, _username: str) -> None:
        core = self._core
        bans = None if core.admission is None or self.gate is None else core.admission.bans
        judge_register(registrar, event, core.now, bans)

    def _message(self, event: RequestReceived, username: str) -> None:
        self.pager.receive_request(event.key, event.request, self._core.now, username=username)

    def _message_in_call(self, session: str, key: TransactionKey, request: Request, now: float) -> None:
        self.pager.receive_request(key, request, now, session=session)

    # The shape of a machine

    @property
    def deadline(self) -> float | None:
        """The earliest timer of all services."""
        first = None
        for service in self._timed:
            deadline = service.deadline
            if deadline is not None and (first is None or deadline < first):
                first = deadline
        return first

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        for service in self._timed:
            service.handle_timeout(now)

    def flow_failed(self, destination: Endpoint, now: float) -> None:
        """Take note that a flow of phones is gone."""
        if self.registrar is not None:
            self.registrar.flow_failed(destination, now)

    def close(self, now: float) -> None:
        """Answer what waits and take nothing more; bindings stay in their store, and are let expire there."""
        self.handover.close()
        self.pager.close(now)
        if self.registrar is not None:
            self.registrar.close(now)
        if self.publications is not None:
            self.publications.compositor.close(now)
        self._timed = (self.requests,)
