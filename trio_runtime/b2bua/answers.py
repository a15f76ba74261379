"""What the routing function of a back-to-back user agent may answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import attrs

from sansio_sip.errors import LocalProtocolError
from sansio_sip.message.fields import checked_field
from trio_runtime.b2bua.config import MediaMode
from trio_runtime.base.account_config import Account
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between, choice, optional
from trio_runtime.handlers import Redirect, Reject
from trio_runtime.session import IncomingCall

__all__ = ["CallRoute", "CallRouteAnswer", "Leg", "legs_of"]


def _sip_uri(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.lower().startswith(("sip:", "sips:", "tel:")):
        raise ConfigurationError(f"must be a URI to call, not {value!r}", field=attribute.name)


def _account(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not isinstance(value, Account | str):
        raise ConfigurationError("must be an Account or its address", field=attribute.name)


def _fields(_: object, attribute: attrs.Attribute[Any], value: tuple[tuple[str, str], ...]) -> None:
    try:
        for name, content in value:
            checked_field(name, content)
    except (LocalProtocolError, TypeError, ValueError) as error:
        raise ConfigurationError(f"cannot be sent: {error}", field=attribute.name) from error


@attrs.frozen
class Leg:
    """A call to be made for the one that came in.

    Attributes:
        uri: Whom to call.
        ring_time: Seconds that it may ring; None is what `B2buaConfig` says.
        account: Who calls, as in `SessionCoordinator.make_call`; None is what `B2buaConfig.caller` says.
        headers: More header fields for its INVITE.
        media: ``anchor`` or ``pass``, as in `B2buaConfig`; None is what that says. Those that ring together
            have the same.
    """

    uri: str = attrs.field(validator=_sip_uri)
    ring_time: float | None = attrs.field(
        default=None, validator=optional(between(0.1, 600, " s")), kw_only=True
    )
    account: Account | str | None = attrs.field(default=None, validator=_account, kw_only=True)
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), validator=_fields, kw_only=True)
    media: MediaMode | None = attrs.field(
        default=None, validator=optional(choice("anchor", "pass")), kw_only=True
    )


CallRouteAnswer: TypeAlias = Reject | Redirect | str | Leg | Sequence[str | Leg | Sequence[str | Leg]]
"""One target; or several that ring at the same time; or groups of such, tried one after the other; or none,
which is 480; or a refusal."""

CallRoute: TypeAlias = Callable[[IncomingCall], CallRouteAnswer | Awaitable[CallRouteAnswer]]
"""Decides where a call goes; plain functions must not block."""


def legs_of(answer: object) -> list[list[Leg]]:
    """Return the groups of calls to be made.

    Raises:
        TypeError: It is nothing that `CallRouteAnswer` names.
        ConfigurationError: A target is no URI.
    """
    if isinstance(answer, str | Leg):
        return [[_leg(answer)]]
    if not isinstance(answer, Sequence):
        raise TypeError(f"route gave {answer!r}, and no target, list of targets, Reject or Redirect")
    if not any(isinstance(each, Sequence) and not isinstance(each, str) for each in answer):
        return [[_leg(each) for each in answer]] if answer else []
    groups = [[each] if isinstance(each, str | Leg) else each for each in answer]
    return [[_leg(each) for each in group] for group in groups if group]


def _leg(value: object) -> Leg:
    if isinstance(value, Leg):
        return value
    if not isinstance(value, str):
        raise TypeError(f"a target is a URI or a Leg, not {value!r}")
    return Leg(value)
