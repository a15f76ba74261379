"""What is told of users, and to whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import any_of, between, each, flag, text
from trio_runtime.base.watch_request import WatchRequest

__all__ = ["PACKAGES", "PresenceConfig", "WatchHook"]

PACKAGES = ("presence", "dialog", "message-summary", "reg")
WatchHook = Callable[[WatchRequest], bool | Awaitable[bool]]
"""Tells whether somebody may watch."""


def _package(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in PACKAGES:
        raise ConfigurationError(f"must be of {', '.join(PACKAGES)}, not {value!r}", field=attribute.name)


def _function(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        raise ConfigurationError("must be a function", field=attribute.name)


@attrs.frozen(kw_only=True)
class PresenceConfig:
    """A presence server: users are watched, publish, and are seen to be there by being registered.

    Attributes:
        domains: Hosts whose users can be watched; empty is those of the registrar, and all without one.
        packages: What can be subscribed to: `presence`, `dialog`, `message-summary` and `reg`.
        publish: Whether phones may publish their state.
        automatic: Whether a user without any other word is available while registered, and in a call when so.
        may_watch: Function, plain or async, that tells who may watch whom; None lets everybody who is let in
            see presence and dialogs, and of registrations and mailboxes each user his own.
        max_subscriptions: Subscriptions at one time; one more is refused.
        max_publications: Publications at one time; one more is refused.
        max_states: Users whose state the application can set at one time.
    """

    domains: tuple[str, ...] = attrs.field(default=(), validator=any_of(text))
    packages: tuple[str, ...] = attrs.field(default=PACKAGES, validator=each(_package))
    publish: bool = attrs.field(default=True, validator=flag)
    automatic: bool = attrs.field(default=True, validator=flag)
    may_watch: WatchHook | None = attrs.field(default=None, validator=_function)
    max_subscriptions: int = attrs.field(default=100_000, validator=between(1))
    max_publications: int = attrs.field(default=100_000, validator=between(1))
    max_states: int = attrs.field(default=100_000, validator=between(1))
