"""What a conference is opened with: frozen, checked when it is made."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

import attrs
import numpy as np

from sansio_sip.errors import ParseError
from sansio_sip.message import Uri, parse_uri
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between, choice, one_of, optional, text
from trio_runtime.media import ROOM_RATES

if TYPE_CHECKING:
    from trio_runtime.media import Playable

__all__ = ["ConferenceConfig"]

_KEYS = frozenset("0123456789*")
_LONGEST_PIN = 32


def _playable(_: object, attribute: attrs.Attribute[Playable | None], value: object) -> None:
    if not isinstance(value, str | PathLike | bytes | np.ndarray) and not hasattr(value, "read"):
        raise ConfigurationError(
            f"must be a WAV file, samples or a feed, not {type(value).__name__}", field=attribute.name
        )


def _pin(_: object, attribute: attrs.Attribute[str | None], value: object) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_PIN or not _KEYS.issuperset(value):
        raise ConfigurationError(f"must be 1 to {_LONGEST_PIN} of the keys 0-9 and *", field=attribute.name)


def _sip_uri(_: object, attribute: attrs.Attribute[str | None], value: object) -> None:
    try:
        is_sip = isinstance(value, str) and isinstance(parse_uri(value), Uri)
    except ParseError:
        is_sip = False
    if not is_sip:
        raise ConfigurationError(
            f"must be a SIP URI such as sip:room@example.com, not {value!r}", field=attribute.name
        )


@attrs.frozen(kw_only=True)
class ConferenceConfig:
    """How a conference is, and who may come in.

    Attributes:
        name: Names it in events and lists; None makes a name.
        uri: URI at which it is called, and at which others may subscribe to its state (RFC 4575); None shows
            its state to nobody.
        rate: Samples a second that its members can hear, in Hz: 8000, 16000 or 48000. None is enough for all
            that the coordinator's calls have.
        max_members: How many calls it takes; one more is refused with 486.
        music: What a member hears while it is alone, again and again; None is silence.
        pin: Keys that a caller has to press before it is let in; None asks for none. Whom the conference
            calls is not asked.
        pin_prompt: What a caller hears who is asked; None is a beep.
        pin_tries: How often a caller may try.
        watchers: Who may subscribe to its state, where it has a URI: ``all``, or ``members``, whose From is
            that of a call in it.
        referrers: Who may ask by REFER to call somebody in, or to hang up a member, where it has a URI:
            ``moderators``, ``members``, or ``none``: then those who ask in their call ask the application.
        time_limit: Seconds after which it is over; None never.
    """

    name: str | None = attrs.field(default=None, validator=optional(text))
    uri: str | None = attrs.field(default=None, validator=optional(_sip_uri))
    rate: int | None = attrs.field(default=None, validator=optional(one_of(*ROOM_RATES, unit=" Hz")))
    max_members: int = attrs.field(default=1_000, validator=between(1))
    music: Playable | None = attrs.field(default=None, validator=optional(_playable))
    pin: str | None = attrs.field(default=None, repr=False, validator=optional(_pin))
    pin_prompt: Playable | None = attrs.field(default=None, validator=optional(_playable))
    pin_tries: int = attrs.field(default=3, validator=between(1, 100))
    watchers: str = attrs.field(default="all", validator=choice("all", "members"))
    referrers: str = attrs.field(default="moderators", validator=choice("none", "moderators", "members"))
    time_limit: float | None = attrs.field(default=None, validator=optional(between(1, unit=" s")))
