"""The inside of an agent: its parts, and how transaction events reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..admission import AdmissionControl
from ..errors import ProtocolError, RemoteProtocolError
from ..framing import answer_stun
from ..invite import InviteSession
from ..machine import Transmit
from ..message import Request
from ..transaction import AckReceived, RequestReceived, StrayResponse, stateless_response
from .backends import AgentBackends
from .calls import Calls
from .core import Core
from .events import MessageRefused
from .reception import Reception, stamp_via
from .sender import voice_of
from .services import Services
from .usages import Usages
from .users import settled_user

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids
    from ..machine import Endpoint
    from ..outbound import TransactionUser
    from ..transaction import TransactionEvent
    from .config import AgentConfig
    from .sender import Sender, Voice

__all__ = ["AgentBase"]

_NO_BACKENDS = AgentBackends()


class AgentBase:
    """Parts of an `Agent`.

    Args:
        config: See `AgentConfig`.
        now: Current monotonic time in seconds.
        ids: Makes branches, tags and numbers; nothing else is random.
        backends: Objects of the application's own that it asks, beside the configuration.
    """

    __slots__ = ("_calls", "_core", "_events", "_reception", "_services", "_transmits", "_usages")

    def __init__(
        self, config: AgentConfig, *, now: float, ids: Ids, backends: AgentBackends = _NO_BACKENDS
    ) -> None:
        self._core = Core(config, now=now, ids=ids, local_host=backends.local_host)
        self._calls = Calls(self._core)
        if config.admission is not None:
            self._core.admission = AdmissionControl(
                config.admission, self._calls, config.max_calls, self._core.layer, now
            )
        self._usages = Usages(self._core, self._calls.registry)
        self._services = Services(self._core, self._usages.notifiers, backends)
        self._reception = Reception(self._core, self._calls, self._usages, self._services)
        self._transmits = self._core.layer.out.transmits
        self._events = self._core.out.events

    def _settle(self) -> None:
        """Hand what the transactions report to whom it concerns, until nothing is left."""
        layer = self._core.layer
        while layer.out.events and (event := layer.next_event()) is not None:
            try:
                self._dispatch(event)
            except ProtocolError:  # a response whose headers cannot be read when they are needed
                self._core.counters.malformed += 1

    def _dispatch(self, event: TransactionEvent) -> None:
        if isinstance(event, RequestReceived):
            self._reception.receive(event)
        elif isinstance(event, AckReceived):
            self._reception.receive_ack(event)
        elif not isinstance(event, StrayResponse):
            self._settle_user(self._core.outbound.dispatch(event, event.key, self._core.now))

    def _settle_users(self, users: Iterable[TransactionUser]) -> None:
        """After the DNS has spoken: look after those who heard of it, and after all others."""
        for user in users:
            self._settle_user(user)
        self._settle()

    def _settle_user(self, user: TransactionUser | None) -> None:
        """After somebody heard of one of its transactions: note its timer, or forget it."""
        usage = settled_user(user)
        if isinstance(usage, InviteSession):
            self._calls.settle(usage)
        else:
            self._usages.settle(usage)

    def _voice(self, sender: Sender | None) -> Voice:
        """Return what a sender amounts to now, None the agent itself."""
        registrations = () if sender is None else self._usages.registrations.up(sender.registrations)
        return voice_of(self._core.config, sender, registrations)

    def _keep_alive(self, data: bytes, source: Endpoint) -> None:
        """Count a keep-alive; one by STUN has to be answered (RFC 5626 §5.4)."""
        self._core.counters.keep_alives += 1
        answer = answer_stun(data, source.host, source.port)
        if answer is not None:
            self._transmits.append(Transmit(answer, source))

    def _refuse(self, error: ProtocolError, message: object | None, source: Endpoint) -> None:
        """Answer what cannot be understood with 400 where it is a request, and count it."""
        core = self._core
        core.counters.malformed += 1
        if core.admission is not None:
            core.admission.bans.malformed(source, core.now)
        if isinstance(message, Request):
            try:
                stamp_via(message, source)
            except ProtocolError:
                pass  # then there is nobody to be answered either
            status = error.status_hint if isinstance(error, RemoteProtocolError) else 500
            transmit = stateless_response(message, status, source)
            if transmit is not None:
                core.layer.out.transmits.append(transmit)
        core.out.events.append(MessageRefused(source, error))
