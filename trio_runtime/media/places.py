"""Where the media of a call is received: the sockets' address, and the one that the peer is told."""

from __future__ import annotations

from collections.abc import Callable

import attrs

__all__ = ["MediaPlace", "MediaPlaces"]

_WILDCARDS = {False: "0.0.0.0", True: "::"}


@attrs.frozen
class MediaPlace:
    """Where media is received.

    Attributes:
        bind_host: Address that the sockets are bound to.
        address: Address that peers are told; never a wildcard.
        any_interface: Whether that is only the best guess, to be replaced when the peer's address is known.
    """

    bind_host: str
    address: str
    any_interface: bool = False


class MediaPlaces:
    """Chooses a place for each session: of the family of its peer, where every address will do.

    Args:
        advertised_host: IP address that peers are told.
        bind_host: Address that sockets are bound to; None is every address of that family.
        guess: Gives an address of ours, IPv6 or not, for sessions whose peer is not known; ``None`` where
            ``advertised_host`` is the address for all.
    """

    def __init__(
        self,
        advertised_host: str,
        bind_host: str | None = None,
        *,
        guess: Callable[[bool], str] | None = None,
    ) -> None:
        self._six = ":" in advertised_host
        bound = bind_host or _WILDCARDS[self._six]
        self._guess = guess
        self._usual = MediaPlace(bound, advertised_host, guess is not None)
        self._other: MediaPlace | None = None
        self._sessions: set[str] = set()

    def __len__(self) -> int:
        return len(self._sessions)

    def expect(self, session: str, *, six: bool) -> None:
        """Note the family of a session's peer before its media is opened."""
        if self._guess is not None and six is not self._six:
            self._sessions.add(session)

    def renew(self) -> None:
        """Guess anew: the addresses of the machine have changed."""
        if self._guess is not None:
            self._usual = attrs.evolve(self._usual, address=self._guess(self._six))
            self._other = None

    def forget(self, session: str) -> None:
        """Forget a session that is over."""
        self._sessions.discard(session)

    def of(self, session: str) -> MediaPlace:
        """Return the place for a session."""
        if session not in self._sessions or self._guess is None:
            return self._usual
        if self._other is None:
            six = not self._six
            self._other = MediaPlace(_WILDCARDS[six], self._guess(six), any_interface=True)
        return self._other
