"""Which header fields pass from one call to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import any_of, text

if TYPE_CHECKING:
    from trio_runtime.session import CallHeaders

__all__ = ["HeaderPolicy"]

_INFORMATION = (
    "Accept-Language", "Alert-Info", "Call-Info", "Diversion", "History-Info", "Organization", "Priority",
    "Privacy", "Reply-To", "Subject", "User-to-User",
)  # fmt: skip
"""What tells about a call and means the same behind another dialog."""

_OF_ONE_CALL = frozenset((
    "accept", "allow", "allow-events", "authentication-info", "authorization", "call-id", "contact",
    "content-disposition", "content-encoding", "content-length", "content-type", "cseq", "date", "event",
    "expires", "from", "join", "max-breadth", "max-forwards", "min-expires", "min-se", "path",
    "proxy-authenticate", "proxy-authorization", "proxy-require", "rack", "record-route", "refer-to",
    "replaces", "require", "retry-after", "route", "rseq", "server", "service-route", "session-expires",
    "supported", "timestamp", "to", "unsupported", "user-agent", "via", "warning", "www-authenticate",
))  # fmt: skip
"""What each call has for itself: passing it on would make the other one wrong, or give a password away."""


def _may_pass(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    any_of(text)(_, attribute, value)
    for name in value if isinstance(value, tuple) else ():
        if name.lower() in _OF_ONE_CALL:
            raise ConfigurationError(f"{name} belongs to one call and never passes", field=attribute.name)


@attrs.frozen(kw_only=True)
class HeaderPolicy:
    """Names of header fields that pass; an asterisk at the end of one stands for anything.

    What belongs to one call never passes, whatever is allowed: addresses, routes, tags, passwords, timers,
    extensions and what describes the body.

    Attributes:
        allow: What passes from an INVITE to the one that is made for it, and from its answer back.
        deny: What does not, although `allow` would let it.
    """

    allow: tuple[str, ...] = attrs.field(default=_INFORMATION, validator=_may_pass)
    deny: tuple[str, ...] = attrs.field(default=(), validator=any_of(text))

    def passes(self, name: str) -> bool:
        """Return whether a header field passes."""
        lower = name.lower()
        return lower not in _OF_ONE_CALL and _matches(lower, self.allow) and not _matches(lower, self.deny)

    def select(self, headers: CallHeaders) -> list[tuple[str, str]]:
        """Return what passes of the header fields of a message, in order."""
        names = {name.lower(): name for name in headers if self.passes(name)}
        return [(name, value) for name in names.values() for value in headers.get_all(name)]


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    for pattern in patterns:
        lower = pattern.lower()
        if name == lower or (lower.endswith("*") and name.startswith(lower[:-1])):
            return True
    return False
