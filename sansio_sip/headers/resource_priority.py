"""Resource-Priority and Accept-Resource-Priority: calls that go before others (RFC 4412)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ._reading import fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Message

__all__ = ["RESOURCE_NAMESPACES", "ResourcePriority", "refused_priorities", "resource_priorities"]

_RULE = "RFC 4412 §3.1"
_VALUE = re.compile(r"([A-Za-z0-9\-!%*_+`'~]{1,64})\.([A-Za-z0-9\-!%*_+`'~]{1,64})", re.ASCII)

RESOURCE_NAMESPACES: dict[str, tuple[str, ...]] = {
    "dsn": ("routine", "priority", "immediate", "flash", "flash-override"),
    "drsn": ("routine", "priority", "immediate", "flash", "flash-override", "flash-override-override"),
    "q735": ("4", "3", "2", "1", "0"),
    "ets": ("4", "3", "2", "1", "0"),
    "wps": ("4", "3", "2", "1", "0"),
}
"""Priorities of the registered namespaces, the lowest first (RFC 4412 §10)."""


@attrs.frozen
class ResourcePriority:
    """One priority; both parts are in lower case, as they are compared (§3.1).

    Attributes:
        namespace: Who gives the priority its meaning, such as ``ets``.
        priority: The priority in it, such as ``0``.
    """

    namespace: str
    priority: str

    @classmethod
    def parse(cls, text: str, header: str = "resource-priority") -> ResourcePriority:
        """Read one element.

        Raises:
            ParseError: It is not two words with a dot between.
        """
        match = _VALUE.fullmatch(text)
        if match is None:
            raise fault(f"{text[:40]!r} is not namespace and priority", header, _RULE)
        return cls(match[1].lower(), match[2].lower())

    @property
    def rank(self) -> int | None:
        """Place in its namespace, 0 for the lowest; None for one that is not registered."""
        order = RESOURCE_NAMESPACES.get(self.namespace, ())
        return order.index(self.priority) if self.priority in order else None

    def __str__(self) -> str:
        return f"{self.namespace}.{self.priority}"


def resource_priorities(message: Message, header: str = "resource-priority") -> tuple[ResourcePriority, ...]:
    """Return the priorities that a message asks for, or with ``accept-resource-priority`` those taken.

    Raises:
        ParseError: One cannot be read.
    """
    return tuple([ResourcePriority.parse(value, header) for value in message.values(header)])


def refused_priorities(
    message: Message, understood: Iterable[ResourcePriority]
) -> tuple[tuple[str, str], ...]:
    """Return the header fields of the 417 that a request gets, empty when it gets none (RFC 4412 §4.6.2).

    A request whose priorities are all unknown is refused only when it requires ``resource-priority``;
    otherwise it is treated like one without any.

    Args:
        message: The request.
        understood: The priorities that we serve.

    Raises:
        ParseError: A priority cannot be read.
    """
    known = tuple(understood)
    asked = resource_priorities(message)
    if not asked or "resource-priority" not in message.require or not set(asked).isdisjoint(known):
        return ()
    return (("Accept-Resource-Priority", ", ".join(map(str, known))),)
