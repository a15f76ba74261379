"""The data of a registration, and how its requests get out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..machine import Outbox, Transmit
from ..message import Request
from ..table import TableMachine
from .contacts import Grant
from .requests import RegisterRequests
from .states import RegistrationInput, RegistrationState

if TYPE_CHECKING:
    from ..ids import Ids
    from ..machine import Endpoint
    from ..message import Message
    from ..outbound import Outbound
    from ..transaction import TransactionEvent
    from .config import RegistrationConfig
    from .events import RegistrationEvent

__all__ = ["RegistrationBase"]


class RegistrationBase(TableMachine[RegistrationState, RegistrationInput]):
    """Data of one registration; see `Registration`."""

    # fmt: off
    __slots__ = ("_bound", "_failures", "_open", "_problem", "_request", "_requests", "config", "flow",
                 "flow_lost", "grant", "ids", "other_flows", "out", "outbound", "registration",
                 "service_route", "uses_outbound")
    # fmt: on

    def __init__(
        self,
        registration: str,
        config: RegistrationConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        outbox: Outbox[RegistrationEvent] | None = None,
    ) -> None:
        super().__init__(RegistrationState.IDLE, now)
        self.registration = registration
        self.config = config
        self.ids = ids
        self.outbound = outbound
        self.out: Outbox[RegistrationEvent] = Outbox() if outbox is None else outbox
        self.other_flows = False
        self.service_route: tuple[str, ...] = ()
        self.grant = Grant(0)
        self.flow: Endpoint | None = None
        self.flow_lost = False
        self.uses_outbound = False
        self._requests = RegisterRequests(config, ids)
        self._request = Request("REGISTER", config.request_uri)  # none is sent yet
        self._problem = (408, "")
        self._failures = 0
        self._open = 0
        self._bound = False

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self.outbound.layer.next_transmit()

    def next_event(self) -> RegistrationEvent | None:
        """Pop one event."""
        return self.out.next_event()

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of a REGISTER transaction; `Registration` does."""

    # Sending

    def _send_first(self, _message: Message | None = None) -> None:
        self._stop_repeat()
        self._send(self._requests.first())

    def _send_removal(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._send(self._requests.first(remove=True))

    def _send_again(self, _message: Message | None = None) -> None:
        self._send(self._request)

    def _send(self, request: Request) -> None:
        self._request = request
        self._requests.sent()
        self._open += 1
        self.outbound.send(request, self, self._now, finish=self._note_flow)

    def _note_flow(self, _request: Request, endpoint: Endpoint) -> str:
        """Remember where a request goes: the registrar, or the edge, knows us by that way."""
        self.flow = endpoint
        return self.ids.branch()
