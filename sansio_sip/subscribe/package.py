"""Event packages: what a notifier has to know of each (RFC 6665 §5.4)."""

from __future__ import annotations

import attrs

from ..message.names import is_token

__all__ = ["CONFERENCE", "DIALOG", "MESSAGE_SUMMARY", "PRESENCE", "REFER", "REG", "EventPackage"]


def _is_token(_package: object, field: attrs.Attribute[str], value: str) -> None:
    if not is_token(value):
        raise ValueError(f"{field.name} {value!r} is not a token")


@attrs.frozen(kw_only=True)
class EventPackage:
    """The rules of one event package.

    Attributes:
        name: Its name in Event and Allow-Events.
        content_type: Media type of its bodies where nothing else is agreed.
        default_expires: Seconds that a subscription or publication lasts when its request says nothing.
        min_expires: Seconds below which a request gets 423; an hour is never too short.
        max_expires: Seconds to which a longer wish is shortened.
        min_interval: Seconds between two notifications of changes to one subscriber.
    """

    name: str = attrs.field(validator=_is_token)
    content_type: str
    default_expires: int = attrs.field(default=3_600, validator=attrs.validators.ge(1))
    min_expires: int = attrs.field(default=60, validator=attrs.validators.ge(0))
    max_expires: int = attrs.field(default=86_400, validator=attrs.validators.ge(1))
    min_interval: float = attrs.field(default=1.0, validator=attrs.validators.ge(0))

    def __attrs_post_init__(self) -> None:
        if self.min_expires > self.max_expires:
            raise ValueError("min_expires is above max_expires")

    def granted(self, wanted: int | None) -> int:
        """Return the seconds that a request gets: what it wants or less, never more (§4.2.1.1)."""
        return min(self.default_expires if wanted is None else wanted, self.max_expires)

    def is_too_brief(self, wanted: int | None) -> bool:
        """Return whether a wish may be refused with 423 (§4.2.1.1); zero ends or fetches and never is."""
        return wanted is not None and 0 < wanted < min(self.min_expires, 3_600)


PRESENCE = EventPackage(name="presence", content_type="application/pidf+xml", min_interval=5.0)
"""RFC 3856: an hour by default (§6.4), at most one notification in five seconds (§6.10)."""

DIALOG = EventPackage(name="dialog", content_type="application/dialog-info+xml")
"""RFC 4235: an hour by default (§3.4), at most one notification a second (§3.10)."""

MESSAGE_SUMMARY = EventPackage(name="message-summary", content_type="application/simple-message-summary")
"""RFC 3842: an hour by default (§3.4), at most one notification a second (§3.11)."""

REG = EventPackage(
    name="reg", content_type="application/reginfo+xml", default_expires=3_761, min_interval=5.0
)
"""RFC 3680: a little over an hour by default (§4.4), at most one notification in five seconds (§4.10)."""

CONFERENCE = EventPackage(name="conference", content_type="application/conference-info+xml", min_interval=5.0)
"""RFC 4575: an hour by default (§3.3), at most one notification in five seconds (§3.9)."""

REFER = EventPackage(name="refer", content_type="message/sipfrag", default_expires=180, max_expires=600)
"""RFC 3515: as long as a phone may ring (§3.4), at most one notification a second (§3.10)."""
