"""Sessions that listen to a bridge, and may be heard by one side of it or both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from trio_runtime.media.rooms.room import Room

__all__ = ["BridgeGuests"]


class BridgeGuests:
    """Who hears a bridge besides its two sessions, and by whom each of them is heard.

    Guests whom anybody hears are heard by other guests as well.
    """

    def __init__(self) -> None:
        self._heard_by: dict[str, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self._heard_by)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._heard_by))

    def set(self, guest: str, heard_by: Collection[str]) -> None:
        """Let a guest come, or be heard by others than before."""
        self._heard_by[guest] = frozenset(heard_by)

    def remove(self, guest: str) -> None:
        """Let a guest go; one that is not there is no error."""
        self._heard_by.pop(guest, None)

    def settle(self, room: Room, sessions: Collection[str], has_media: Callable[[str], bool]) -> None:
        """Let guests into the room of the bridge, and let them be heard by whom they should.

        Args:
            room: The room.
            sessions: The two of the bridge.
            has_media: Tells whether a session can be in a room.
        """
        for guest in self:
            if guest not in room.members and has_media(guest):
                others = [member for member in room.members if not self._heard(guest, member, sessions)]
                room.join(guest, unheard_by=others)
        for guest in set(self) & set(room.members):
            for member in room.members:
                if member != guest:
                    room.hide(guest, member, not self._heard(guest, member, sessions))

    def _heard(self, guest: str, member: str, sessions: Collection[str]) -> bool:
        heard_by = self._heard_by[guest]
        return member in heard_by if member in sessions else bool(heard_by)
