"""Calls that are sent on by the number that was called (HND-4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.handlers.decisions import CallDecision, Forward, Reject
from trio_runtime.handlers.handler import CallHandler

if TYPE_CHECKING:
    from trio_runtime.session import IncomingCall

__all__ = ["Route", "RoutingHandler"]

_NO_ROUTE = Reject(404, "No route found")


@attrs.frozen
class Route:
    """Where calls go whose called user begins in a certain way.

    Attributes:
        prefix: Beginning of the user part of the called URI; empty is every call.
        targets: URIs that are called one after the other until one is answered. ``{user}`` stands for the
            whole user part, ``{rest}`` for what follows the prefix.
    """

    prefix: str
    targets: tuple[str, ...]

    @classmethod
    def to(cls, prefix: str, *targets: str) -> Route:
        """Make a route.

        Raises:
            ConfigurationError: There is no target, or braces in one stand for nothing that is known.
        """
        if not targets:
            raise ConfigurationError(f"the route for {prefix!r} has none", field="targets")
        route = cls(prefix, targets)
        try:
            route.resolve(prefix)
        except (KeyError, IndexError, ValueError) as error:
            raise ConfigurationError(f"braces mean nothing: {error}", field="targets") from error
        return route

    def resolve(self, user: str) -> tuple[str, ...]:
        """Return the targets for a called user."""
        rest = user[len(self.prefix) :]
        return tuple([target.format(user=user, rest=rest) for target in self.targets])


class RoutingHandler(CallHandler):
    """Sends each call to the route with the longest prefix of the called user; of equals the first counts.

    Args:
        routes: The routes.
        otherwise: What becomes of calls without a route.
        timeout: Seconds that a target may ring.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        otherwise: CallDecision = _NO_ROUTE,
        timeout: float = 60.0,
    ) -> None:
        # Stable: of equal prefixes the first stays the first.
        self._routes = sorted(routes, key=lambda route: -len(route.prefix))
        self._otherwise = otherwise
        self._timeout = timeout

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        """Decide where a call goes."""
        route = self.find(call.called_user)
        if route is None:
            return self._otherwise
        return Forward(*route.resolve(call.called_user), timeout=self._timeout)

    def find(self, user: str) -> Route | None:
        """Return the route for a called user."""
        return next((route for route in self._routes if user.startswith(route.prefix)), None)
