"""Which requests of others are taken besides calls."""

from __future__ import annotations

import re
from typing import Any

import attrs

from sansio_sip.agent.methods import KEPT
from sansio_sip.message.names import is_token
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import any_of, between

__all__ = ["RequestsConfig"]

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def _media_type(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or _MEDIA_TYPE.fullmatch(value) is None:
        wanted = "must be a media type in lower case such as text/plain"
        raise ConfigurationError(f"{wanted}, not {value!r}", field=attribute.name)


def _method(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not is_token(value) or value in KEPT:
        raise ConfigurationError(f"cannot be answered by an application: {value!r}", field=attribute.name)


@attrs.frozen(kw_only=True)
class RequestsConfig:
    """What becomes of requests that are no calls.

    Attributes:
        content_types: Media types of the messages (MESSAGE) that are taken, such as ``text/plain``; others
            get 415. Each that is taken is a `MessageReceived`. Empty takes none: 405.
        methods: Methods that the application answers itself, see `SessionCoordinator.requests`: such as
            ``NOTIFY``, or ``*`` for every one that is not known; with ``INFO`` those in calls, but for keys.
        answer_patience: Seconds that it has for that; then the answer is 500.
        max_waiting: Such requests that may wait for it at once; one more gets 503.
    """

    content_types: tuple[str, ...] = attrs.field(default=(), validator=any_of(_media_type))
    methods: tuple[str, ...] = attrs.field(default=(), validator=any_of(_method))
    answer_patience: float = attrs.field(default=10.0, validator=between(0.1, 31, " s"))
    max_waiting: int = attrs.field(default=1_000, validator=between(1))

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields."""
        if self.content_types and "MESSAGE" in self.methods:
            raise ConfigurationError("MESSAGE is taken by content_types already", field="methods")
