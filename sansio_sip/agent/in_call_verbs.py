"""Verbs for requests inside calls that change nothing about them: INFO, MESSAGE, extensions."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ..invite import send_in_call, send_info
from .focus_verbs import FocusVerbs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..invite import Heard, InviteSession

__all__ = ["InCallVerbs"]


class InCallVerbs(FocusVerbs):
    """The verbs of an `Agent` that send something in a call."""

    __slots__ = ()

    def send_info(
        self,
        session: str,
        now: float,
        *,
        package: str = "",
        content_type: str = "",
        body: bytes = b"",
        headers: Iterable[tuple[str, str]] = (),
    ) -> int:
        """Send an INFO in a call, of an Info Package or of the old kind; its end is an event (RFC 6086).

        Args:
            session: Name of the call.
            now: Current time in seconds.
            package: Info Package, one that the peer is willing to receive; empty for the old kind.
            content_type: Media type of the body.
            body: Body octets.
            headers: More header fields.

        Returns:
            The number in `ResponseReceived` and `RequestFailed`.

        Raises:
            LocalProtocolError: There is no such call, it has no dialog or is over, the peer does not want
                the package, or a value cannot stand in a message.
        """
        call = self._calls.find(session)
        send_info(
            call,
            self._hearer(),
            self._core.clock(now),
            package=package,
            fields=headers,
            content_type=content_type,
            body=body,
        )
        return self._sent(call)

    def request_in_call(
        self,
        session: str,
        method: str,
        now: float,
        *,
        headers: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
    ) -> int:
        """Send a request of a method without a verb of its own in a call, as MESSAGE or an extension.

        Returns:
            The number in `ResponseReceived` and `RequestFailed`.

        Raises:
            LocalProtocolError: There is no such call, it has no dialog or is over, the method has a verb of
                its own, or a value cannot stand in a message.
        """
        call = self._calls.find(session)
        send_in_call(
            call,
            method,
            self._hearer(),
            self._core.clock(now),
            fields=headers,
            content_type=content_type,
            body=body,
        )
        return self._sent(call)

    def _hearer(self) -> Heard:
        requests = self._services.requests
        return functools.partial(requests.ended, requests.upcoming)

    def _sent(self, call: InviteSession) -> int:
        number = self._services.requests.count()
        self._calls.settle(call)
        self._settle()
        return number
