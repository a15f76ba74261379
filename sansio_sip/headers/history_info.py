"""History-Info: where a request has been (RFC 7044)."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..errors import ParseError
from ..message import AnyUri, NameAddr, Uri, unescape
from ._reading import fault
from .privacy import Privacy
from .reason import Reason

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["HistoryEntry", "HistoryIndex", "Retargeting", "history_of", "lost_target"]

HistoryIndex: TypeAlias = tuple[int, ...]
"""Place in the tree of targets: ``1.2`` is the second target that ``1`` was changed to."""

_INDEX = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*+")
_RULE = "RFC 7044 §5"


class Retargeting(Enum):
    """How a target came out of the entry that its parameter names (§5)."""

    REGISTERED_CONTACT = "rc"
    MAPPED = "mp"
    NO_CHANGE = "np"


def _index(text: str) -> HistoryIndex:
    if _INDEX.fullmatch(text) is None:
        raise fault(f"index {text[:40]!r}", "history-info", _RULE)
    return tuple(int(part) for part in text.split("."))


@attrs.frozen
class HistoryEntry:
    """One target that a request was sent to.

    Attributes:
        address: The target; Reason and Privacy stand in the header parts of its URI.
        index: Its place in the tree.
        retargeting: How it came out of ``origin``, ``None`` when not said.
        origin: Place of the entry that it came out of, empty when not said.
    """

    address: NameAddr
    index: HistoryIndex
    retargeting: Retargeting | None = None
    origin: HistoryIndex = ()

    @classmethod
    def parse(cls, text: str) -> HistoryEntry:
        """Read one element.

        Raises:
            ParseError: It is no address, or an index is missing or damaged.
        """
        address = NameAddr.parse(text, "history-info")
        index = _index(address.param("index") or "")
        for kind in Retargeting:
            origin = address.param(kind.value)
            if origin is not None:
                return cls(address, index, kind, _index(origin))
        return cls(address, index)

    @property
    def uri(self) -> AnyUri:
        """The target's URI."""
        return self.address.uri

    @property
    def reason(self) -> Reason | None:
        """Why the request went on from here; ``None`` when not said or damaged."""
        text = self._part("reason")
        try:
            return Reason.parse(text) if text else None
        except ParseError:
            return None

    @property
    def private(self) -> bool:
        """Whether this entry must not leave its domain (§10.1)."""
        text = self._part("privacy")
        try:
            return bool(text) and "history" in Privacy.parse(text).values
        except ParseError:
            return True  # somebody wanted privacy

    def _part(self, name: str) -> str:
        parts = self.uri.headers if isinstance(self.uri, Uri) else ()
        return next((unescape(value) for key, value in parts if value and key.lower() == name), "")

    def __str__(self) -> str:
        return str(self.address)


def history_of(message: Message) -> tuple[HistoryEntry, ...]:
    """Return where a request has been, in the order in which the entries stand.

    Raises:
        ParseError: An entry cannot be read.
    """
    return tuple(HistoryEntry.parse(value) for value in message.values("history-info"))


def lost_target(entries: tuple[HistoryEntry, ...]) -> HistoryEntry | None:
    """Return the target that was lost when a proxy put a registered contact in its place (§11)."""
    for entry in reversed(entries):
        if entry.retargeting is Retargeting.REGISTERED_CONTACT:
            return next((other for other in entries if other.index == entry.origin), None)
    return None
