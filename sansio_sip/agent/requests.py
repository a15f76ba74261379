"""Requests of our own outside of calls, such as OPTIONS (RFC 3261 §8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import ChallengeAnswerer, is_challenge
from ..transaction import (
    FailureResponse,
    SuccessResponse,
    TransactionEvent,
    TransactionTimedOut,
    TransportFailed,
)
from .events import RequestFailed, ResponseReceived

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Request, Response
    from .config import AgentConfig
    from .core import Core

__all__ = ["ClientRequest", "own_fields"]


def own_fields(config: AgentConfig, extra: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields of a request outside of calls: route, Contact, software, then ``extra``."""
    fields = [("Route", f"<{config.outbound_proxy};lr>")] if config.outbound_proxy else []
    fields.append(("Contact", config.contact))
    if config.software:
        fields.append(("User-Agent", config.software))
    return [*fields, *extra]


class ClientRequest:
    """One request and, when it is challenged, its second try with credentials.

    Args:
        number: Its number in events.
        request: The request without Via.
        core: What the parts of the agent share.
    """

    __slots__ = ("_challenges", "_core", "_request", "number")

    def __init__(self, number: int, request: Request, core: Core) -> None:
        self.number = number
        self._request = request
        self._core = core
        self._challenges = ChallengeAnswerer(core.config.credentials, core.ids)

    def send(self) -> None:
        """Send it."""
        self._core.outbound.send(self._request, self, self._core.now)

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of its transaction."""
        match event:
            case FailureResponse(_, response):
                if not self._try_again(response):
                    self._core.out.events.append(ResponseReceived(self.number, response))
            case SuccessResponse(_, response):
                self._core.out.events.append(ResponseReceived(self.number, response))
            case TransactionTimedOut():
                self._core.out.events.append(RequestFailed(self.number, 408, "no response in time"))
            case TransportFailed(_, cause):
                self._core.out.events.append(RequestFailed(self.number, 503, cause))
            case _:
                return

    def _try_again(self, response: Response) -> bool:
        if not is_challenge(response):
            return False
        again = self._request.copy()
        again.remove("via")
        again.set("CSeq", f"{again.cseq.number + 1} {again.method}")
        if not self._challenges.authorize(again, response):
            return False
        self._request = again
        self.send()
        return True
