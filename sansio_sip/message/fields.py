"""The header fields of a message as raw text: read, and changed without injection."""

from __future__ import annotations

import functools
import re
from typing import TypeAlias

from ..errors import LocalProtocolError
from .names import canonical_name, is_token
from .params import split_list

__all__ = ["Field", "FieldList", "checked_field", "checked_text"]

Field: TypeAlias = tuple[str, str, str]
"""``(key, name, value)``: canonical key, spelling to send, raw unfolded value."""

# CR and LF would start a new header field, NUL ends strings in many peers, and a surrogate that
# does not stand for an octet cannot be written.
_UNSAFE = re.compile("[\r\n\0\ud800-\udc7f\udd00-\udfff]")


def checked_text(text: str, what: str) -> str:
    """Return text that may be written into a message (MSG-9).

    Raises:
        LocalProtocolError: It holds CR, LF, NUL or a lone surrogate.
    """
    if _UNSAFE.search(text) is not None:
        raise LocalProtocolError(
            f"{what} holds CR, LF, NUL or a character that cannot be encoded: {text[:80]!r}"
        )
    return text


# Our own Contact, Allow and Server are the same in every message, and nearly all that goes through here.
@functools.lru_cache(maxsize=512)
def checked_field(name: str, value: str) -> Field:
    """Make a field from a caller's name and value.

    Raises:
        LocalProtocolError: The name is not a token, or the value could start another field.
    """
    if not is_token(name):
        raise LocalProtocolError(f"header field name {name[:80]!r} is not a token")
    key, spelling = canonical_name(name)
    return key, spelling, checked_text(value, f"header field {spelling}").strip(" \t")


class FieldList:
    """Header fields in order, with access by canonical key.

    Attributes:
        fields: The fields; once a value has been read, they are changed by the methods only.
    """

    __slots__ = ("_first", "fields")

    fields: list[Field]
    _first: dict[str, str] | None

    def first_values(self) -> dict[str, str]:
        """Give the first raw value of each key; made once, not to be changed."""
        first = self._first
        if first is None:
            first = self._first = {key: value for key, _, value in reversed(self.fields)}
        return first

    def get(self, key: str) -> str | None:
        """Give the first raw value of a key such as ``"call-id"``, or None."""
        first = self._first
        if first is None:
            first = self.first_values()
        return first.get(key)

    def get_all(self, key: str) -> list[str]:
        """Give the raw values of a key, one for each field, in order."""
        return [field[2] for field in self.fields if field[0] == key] if key in self.first_values() else []

    def values(self, key: str) -> list[str]:
        """Give the elements of a comma-separated header across all its fields.

        Raises:
            ParseError: A quoted string or an angle bracket has no end.
        """
        first = self.first_values()
        if key not in first:
            return []
        if len(first) == len(self.fields):  # nothing stands twice
            return split_list(first[key], key)
        elements: list[str] = []
        for field in self.fields:
            if field[0] == key:
                elements += split_list(field[2], key)
        return elements

    def add(self, name: str, value: str) -> None:
        """Append a field.

        Raises:
            LocalProtocolError: Name or value cannot stand in a message; nothing was added.
        """
        field = checked_field(name, value)
        self.fields.append(field)
        self._forget(field[0])

    def insert_first(self, name: str, value: str) -> None:
        """Put a field above all others of its name, or above everything when it is the first.

        Raises:
            LocalProtocolError: Name or value cannot stand in a message; nothing was added.
        """
        field = checked_field(name, value)
        index = next((i for i, other in enumerate(self.fields) if other[0] == field[0]), 0)
        self.fields.insert(index, field)
        self._forget(field[0])

    def set(self, name: str, value: str) -> None:
        """Put one field in place of all of its name, at the place of the first or else at the end.

        Raises:
            LocalProtocolError: Name or value cannot stand in a message; nothing was changed.
        """
        field = checked_field(name, value)
        index = next((i for i, other in enumerate(self.fields) if other[0] == field[0]), len(self.fields))
        kept = [other for other in self.fields if other[0] != field[0]]
        kept.insert(index, field)
        self.fields[:] = kept
        self._forget(field[0])

    def remove(self, key: str) -> None:
        """Remove every field of a key."""
        self.fields[:] = [field for field in self.fields if field[0] != key]
        self._forget(key)

    def _forget(self, key: str) -> None:
        """Drop what was remembered of the fields of a key."""
        self._first = None
