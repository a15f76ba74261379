"""MESSAGE and INFO that go from one side to the other, and what is said to them back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from trio_runtime.b2bua.callers import caller_account
from trio_runtime.base.errors import (
    CallError,
    CallStateError,
    NetworkError,
    RequestTimedOutError,
    SessionNotFoundError,
    VoipError,
)
from trio_runtime.coordinator import hops_left
from trio_runtime.handlers import Reject

if TYPE_CHECKING:
    from trio_runtime.b2bua.config import B2buaConfig
    from trio_runtime.base.types import SessionId
    from trio_runtime.coordinator import IncomingRequest, SessionCoordinator
    from trio_runtime.session import Call, SipResponse

__all__ = ["MessageRoute", "RequestPasser"]

logger = logging.getLogger("trio_runtime")

MessageRoute: TypeAlias = "Callable[[IncomingRequest], str | Reject | Awaitable[str | Reject]]"
"""Decides where a message outside of calls goes: to a URI, or nowhere; plain functions must not block."""

_OF_THE_BODY = ("Content-Disposition", "Content-Encoding", "Content-Language", "Info-Package", "MIME-Version")
_CHALLENGES = (401, 407)


class RequestPasser:
    """Sends requests on, each in the task that it is given.

    Args:
        phone: Sends them.
        config: What passes.
        other_side: Gives the call that a call is connected with.
        route: Says where a message outside of calls goes; without one it gets 404.

    Attributes:
        passed: How many were sent on.
    """

    def __init__(
        self,
        phone: SessionCoordinator,
        config: B2buaConfig,
        other_side: Callable[[SessionId], Call | None],
        route: MessageRoute | None,
    ) -> None:
        self._phone = phone
        self._config = config
        self._other_side = other_side
        self._route = route
        self.passed = 0

    async def take(self, request: IncomingRequest) -> None:
        """Send a request on, and answer it as it was answered there."""
        try:
            response = await self._sent_on(request)
        except Exception as error:
            status = _status_of(error)
            if status == 500:
                logger.error("%r was not passed on", request, exc_info=error)
            self._answer(request, status)
            return
        if isinstance(response, Reject):
            self._answer(request, response.status_code, response.reason)
            return
        self.passed += 1
        # Who is asked for a password there is the server; it has none, and the sender's is for us.
        status = 403 if response.status_code in _CHALLENGES else response.status_code
        headers = self._config.headers.select(response.headers)
        kind = response.headers.get("Content-Type", "") if response.body else ""
        self._answer(request, status, response.reason, headers, kind, response.body)

    async def _sent_on(self, request: IncomingRequest) -> SipResponse | Reject:
        headers = self._config.headers.select(request.headers)
        headers += [(name, value) for name in _OF_THE_BODY for value in request.headers.get_all(name)]
        kind = request.headers.get("Content-Type", "") if request.body else ""
        if request.session_id is not None:
            other = self._other_side(request.session_id)
            if other is None:
                return Reject(480)  # nobody has answered yet
            return await other.request(request.method, headers=headers, content_type=kind, body=request.body)
        return await self._sent_outside(request, headers, kind)

    async def _sent_outside(
        self, request: IncomingRequest, headers: list[tuple[str, str]], kind: str
    ) -> SipResponse | Reject:
        if self._route is None:
            return Reject(404)
        found = self._route(request)
        target = await found if isinstance(found, Awaitable) else found
        if isinstance(target, Reject):
            return target
        hops = hops_left(request.headers)
        if hops is None:
            return Reject(483)
        config, account = self._phone.config, None
        if self._config.caller == "pass":
            account = caller_account(config, request.headers)
        return await self._phone.request(
            request.method,
            target,
            headers=[*headers, ("Max-Forwards", str(hops))],
            content_type=kind,
            body=request.body,
            account=account,
        )

    @staticmethod
    def _answer(
        request: IncomingRequest,
        status_code: int,
        reason: str = "",
        headers: list[tuple[str, str]] | None = None,
        content_type: str = "",
        body: bytes = b"",
    ) -> None:
        try:
            request.respond(status_code, reason, headers=headers or (), content_type=content_type, body=body)
        except CallStateError as error:
            logger.info("%r has its answer already: %s", request, error)


def _status_of(error: Exception) -> int:
    """Return what a sender is told of why a request did not get through."""
    match error:
        case RequestTimedOutError():
            return 408
        case CallError() | SessionNotFoundError():
            return 481
        case NetworkError() | VoipError():
            return 503
        case _:
            return 500
