"""Nonces of a server: made without memory, remembered from their first good use on (RFC 7616 §3.3, §5.5)."""

from __future__ import annotations

import hashlib
import hmac
from enum import Enum, unique
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..ids import Ids

__all__ = ["NonceStore", "NonceUse"]

_TIME_DIGITS = 12
_SALT_DIGITS = 16
_MAC_DIGITS = 32


@unique
class NonceUse(Enum):
    """What the use of a nonce is: good, one of an unknown or old nonce, or a repeated one."""

    GOOD = "good"
    STALE = "stale"
    REPLAYED = "replayed"


@attrs.define
class _Window:
    """The counts of one nonce that were used: the highest, and a bit for each just below it."""

    issued: int
    highest: int = 0
    bits: int = 0


class NonceStore:
    """Makes nonces and judges their uses.

    A nonce carries the time of its making and a keyed hash, so that a flood of requests without
    credentials takes no memory. Only one that came back with the right digest is remembered, to refuse
    repeats. When the memory is full the oldest is dropped, and every nonce as old counts as stale.

    Args:
        ids: Source of the randomness.
        lifetime: Seconds that a nonce is good for.
        window: How far a nonce count may lie behind the highest one, for requests that overtake each other.
        max_nonces: How many nonces in use are remembered.
        secret: Key of the hash; servers that share it accept each other's nonces as long as they share
            their clock too. Made from ``ids`` when empty.

    Attributes:
        evicted: How many nonces were dropped because of ``max_nonces``.
    """

    __slots__ = ("_floor", "_ids", "_lifetime", "_max", "_now", "_secret", "_used", "_window", "evicted")

    def __init__(
        self,
        *,
        ids: Ids,
        lifetime: float = 300.0,
        window: int = 64,
        max_nonces: int = 100_000,
        secret: bytes = b"",
    ) -> None:
        if lifetime <= 0 or window < 1 or max_nonces < 1:
            raise ValueError("lifetime, window and max_nonces are above zero")
        self._ids = ids
        self._lifetime = int(lifetime * 1000)
        self._window = window
        self._max = max_nonces
        self._secret = secret or (ids.call_id() + ids.call_id()).encode()
        self._used: dict[str, _Window] = {}
        self._floor = -1
        self._now = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._used)

    def __repr__(self) -> str:
        return f"<NonceStore used={len(self._used)} evicted={self.evicted}>"

    def issue(self, now: float) -> str:
        """Return a new nonce."""
        text = f"{self._clock(now):0{_TIME_DIGITS}x}{self._ids.tag()}"
        return text + self._mac(text)

    def use(self, nonce: str, count: int | None, now: float) -> NonceUse:
        """Judge and note the use of a nonce; call it only when the digest is right.

        Args:
            nonce: As the client sent it.
            count: Its ``nc``, or None for a client of RFC 2069, which may use a nonce once.
            now: Current time in seconds.
        """
        time = self._clock(now)
        issued = self._issued(nonce)
        if issued is None or time - issued > self._lifetime:
            self._used.pop(nonce, None)
            return NonceUse.STALE
        window = self._used.get(nonce)
        if window is None:
            if issued <= self._floor:
                return NonceUse.STALE
            window = self._remember(nonce, issued)
        return self._note(window, count)

    def _clock(self, now: float) -> int:
        self._now = max(self._now, int(now * 1000))
        return self._now

    def _mac(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:_MAC_DIGITS]

    def _issued(self, nonce: str) -> int | None:
        """Return when a nonce of ours was made, or None for another's."""
        text, mac = nonce[: _TIME_DIGITS + _SALT_DIGITS], nonce[_TIME_DIGITS + _SALT_DIGITS :]
        if not nonce.isascii() or not hmac.compare_digest(mac, self._mac(text)):
            return None
        return int(text[:_TIME_DIGITS], 16)

    def _remember(self, nonce: str, issued: int) -> _Window:
        if len(self._used) >= self._max:
            self._make_room()
        window = self._used[nonce] = _Window(issued)
        return window

    def _make_room(self) -> None:
        """Drop what has run out, else the nonce that was remembered first."""
        oldest = next(iter(self._used))
        issued = self._used.pop(oldest).issued
        if self._now - issued <= self._lifetime:
            # Forgetting it would allow a repeat, so nothing as old is believed any more.
            self._floor = max(self._floor, issued)
            self.evicted += 1

    def _note(self, window: _Window, count: int | None) -> NonceUse:
        number = 0 if count is None else count
        if count is None and window.bits:
            return NonceUse.REPLAYED
        behind = window.highest - number
        if behind < 0:
            window.bits = (window.bits << -behind if -behind < self._window else 0) | 1
            window.bits &= (1 << self._window) - 1
            window.highest = number
            return NonceUse.GOOD
        if behind >= self._window or window.bits >> behind & 1:
            return NonceUse.REPLAYED
        window.bits |= 1 << behind
        return NonceUse.GOOD
