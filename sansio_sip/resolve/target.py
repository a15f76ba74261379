"""Where a request may go: an ordered list, tried one after another (RFC 3263 §4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..errors import LocalProtocolError
from ..machine import Endpoint
from .services import is_secure

__all__ = ["Target", "TargetList", "fails_over"]


class Target(NamedTuple):
    """One address to try.

    Attributes:
        endpoint: Transport, numeric address and port.
        server_name: Domain of the URI, which a TLS certificate has to name (RFC 5922 §7.2).
    """

    endpoint: Endpoint
    server_name: str

    @property
    def destination(self) -> Endpoint:
        """The endpoint, with the name for a certificate where there is one to check."""
        if not is_secure(self.endpoint.transport):
            return self.endpoint
        return self.endpoint._replace(server_name=self.server_name)


def fails_over(status_code: int) -> bool:
    """Return whether an answer sends a request to the next target: a 503 does, no other (RFC 3263 §4.3).

    So do a transport error, and a timeout without any response.
    """
    return status_code == 503


class TargetList:
    """The targets of one request.

    Each try is a new transaction with a new branch. An ACK to a failure and a CANCEL go where their request
    went, to `current` (RFC 3263 §4).

    Args:
        targets: In order; at least one.

    Raises:
        LocalProtocolError: There is none.
    """

    __slots__ = ("_rest", "current")

    def __init__(self, targets: Iterable[Target]) -> None:
        self._rest = list(targets)
        if not self._rest:
            raise LocalProtocolError("there is no target")
        self.current = self._rest.pop(0)

    def __len__(self) -> int:
        """Return how many are left besides the current one."""
        return len(self._rest)

    def stop(self) -> None:
        """Leave the others out."""
        self._rest.clear()

    def skip(self, server: Endpoint) -> None:
        """Leave out other ways to the same address and port, such as UDP after TCP."""
        self._rest = [target for target in self._rest if target.endpoint[1:3] != server[1:3]]

    def advance(self) -> Target | None:
        """Go on to the next target after a failure of the current one; ``None`` when it was the last."""
        if not self._rest:
            return None
        self.current = self._rest.pop(0)
        return self.current
