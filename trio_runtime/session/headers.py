"""The headers that the peer sent, as a read-only mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sansio_sip.message import canonical_name

if TYPE_CHECKING:
    from sansio_sip.message import Message

__all__ = ["CallHeaders"]


class CallHeaders(Mapping[str, str]):
    """Header values by name, in any spelling; of several with one name the first.

    Args:
        message: The message they are in, or ``None`` before there is one.
    """

    __slots__ = ("_fields",)

    def __init__(self, message: Message | None = None) -> None:
        self._fields = () if message is None else tuple(message.fields)

    def __getitem__(self, name: str) -> str:
        key = canonical_name(name)[0]
        for field_key, _, value in self._fields:
            if field_key == key:
                return value
        raise KeyError(name)

    def get_all(self, name: str) -> list[str]:
        """Return every value with a name, in order."""
        key = canonical_name(name)[0]
        return [value for field_key, _, value in self._fields if field_key == key]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for _, name, _ in self._fields))

    def __len__(self) -> int:
        return len({name for _, name, _ in self._fields})
