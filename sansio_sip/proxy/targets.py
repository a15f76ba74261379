"""Where a request may go: targets, their order, and the proxy's own answers (RFC 3261 §16.5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..errors import LocalProtocolError, ParseError
from ..message import NameAddr, parse_uri, uris_equal
from ..message.fields import checked_field

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import AnyUri, Params, Request

_Fields: TypeAlias = tuple[tuple[str, str], ...]

__all__ = ["Authorizer", "Later", "Reply", "Router", "Routing", "Target", "TargetSet"]


def _is_uri(_target: object, field: attrs.Attribute[str], value: str) -> None:
    try:
        parse_uri(value)
    except ParseError as error:
        raise ValueError(f"{field.name}: {error}") from error


def _are_routes(_target: object, field: attrs.Attribute[tuple[str, ...]], value: tuple[str, ...]) -> None:
    try:
        for route in value:
            NameAddr.parse(route, "route")
    except ParseError as error:
        raise ValueError(f"{field.name}: {error}") from error


def _are_fields(_owner: object, field: attrs.Attribute[_Fields], value: _Fields) -> None:
    try:
        for name, text in value:
            checked_field(name, text)
    except LocalProtocolError as error:
        raise ValueError(f"{field.name}: {error}") from error


@attrs.frozen(kw_only=True)
class Target:
    """One place to forward a request to.

    Targets of the same q are tried together, those of a lower q when these have failed.

    Attributes:
        uri: The Request-URI there.
        q: Preference, 0 to 1 (RFC 3261 §20.10).
        routes: Route values to be visited on the way, such as the Path of a binding (RFC 3327 §5.3).
        flow: The flow to send on whatever the URIs say (RFC 5626 §5.3), or None.
        usual_flow: The connection to send on as long as that is there, or None.
        ring_time: Seconds after which an INVITE there is cancelled and the next target tried; None
            for as long as timer C lets it.
        headers: More header fields for this copy (RFC 3261 §16.6 item 5).
        params: Parameters of the contact, such as those of a binding; the capabilities among them are what
            callers may prefer (RFC 3840 §9, RFC 3841 §7.2).
        spares: Other ways to the same phone, the next of which is tried when this one cannot be used or fails
            with 430 (RFC 5626 §7).
    """

    uri: str = attrs.field(validator=_is_uri)
    q: float = attrs.field(default=1.0, validator=[attrs.validators.ge(0), attrs.validators.le(1)])
    routes: tuple[str, ...] = attrs.field(default=(), validator=_are_routes)
    flow: Endpoint | None = None
    usual_flow: Endpoint | None = None
    ring_time: float | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.gt(0))
    )
    headers: _Fields = attrs.field(default=(), validator=_are_fields)
    params: Params = ()
    spares: tuple[Target, ...] = ()


@attrs.frozen
class Reply:
    """An answer of the proxy itself instead of forwarding.

    Attributes:
        status_code: Final status.
        headers: More header fields.
        reason: Phrase, when it says more than the registered one.
    """

    status_code: int = attrs.field(validator=[attrs.validators.ge(200), attrs.validators.le(699)])
    headers: _Fields = attrs.field(default=(), validator=_are_fields)
    reason: str | None = None


@attrs.frozen
class Later:
    """The targets are not known yet: `RoutingNeeded` asks for them and `route` gives them."""


Routing: TypeAlias = Sequence[Target] | Reply
"""Targets, none of which means 480; or an answer, such as 404 for a user that does not exist."""

Router: TypeAlias = Callable[["Request", "Endpoint"], Routing | Later]
"""Gives the targets of a request whose Request-URI the proxy is responsible for, and its source.

It is to look at nothing but the request's Request-URI, Route, Proxy-Require and Proxy-Authorization and
the source's host: those tell a loop from a spiral (RFC 5393 §4.2.1)."""

Authorizer: TypeAlias = Callable[["Request", "Endpoint"], Reply | None]
"""Gives None to let a request through, or the 407 or 403 that refuses it (RFC 3261 §22.3)."""


class TargetSet:
    """The targets that have not been tried, and those that have: each URI is tried once.

    Two flows to one URI are two phones: behind two NATs the same private number.

    Args:
        max_targets: How many there may ever be; more are left out.
    """

    __slots__ = ("_groups", "_known", "_max_targets", "left_out")

    def __init__(self, max_targets: int) -> None:
        self._max_targets = max_targets
        self._known: list[tuple[AnyUri, Endpoint | None]] = []
        self._groups: deque[list[Target]] = deque()
        self.left_out = 0

    def __len__(self) -> int:
        return sum([len(group) for group in self._groups])

    def add(self, targets: Sequence[Target]) -> None:
        """Put targets behind those that wait, the most preferred of them first."""
        fresh = [target for target in targets if self._is_new(target)]
        for q in sorted({target.q for target in fresh}, reverse=True):
            self._groups.append([target for target in fresh if target.q == q])

    def _is_new(self, target: Target) -> bool:
        uri = parse_uri(target.uri)
        if any(target.flow == flow and uris_equal(uri, known) for known, flow in self._known):
            return False
        if len(self._known) >= self._max_targets:
            self.left_out += 1
            return False
        self._known.append((uri, target.flow))
        return True

    def next_group(self) -> list[Target]:
        """Take out the targets to be tried next, all together; empty when none is left."""
        return self._groups.popleft() if self._groups else []

    def clear(self) -> None:
        """Forget the targets that wait."""
        self._groups.clear()
