"""User names that strangers on the path cannot read (RFC 7616 §3.4.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from .digest import hash_username

__all__ = ["HashedNames", "UserFinder"]

UserFinder: TypeAlias = Callable[[str, str, str], "str | None"]
"""Gives for the hash of a name, the realm and the algorithm the name, or None for an unknown user."""


class HashedNames:
    """Finds the users of a realm by the hashes of their names; a `UserFinder`.

    The hashes are made once for each algorithm.

    Args:
        realm: The realm.
        usernames: Its users.
    """

    __slots__ = ("_by_algorithm", "_realm", "_usernames")

    def __init__(self, realm: str, usernames: Iterable[str]) -> None:
        self._realm = realm
        self._usernames = tuple(usernames)
        self._by_algorithm: dict[str, dict[str, str]] = {}

    def __call__(self, name_hash: str, realm: str, algorithm: str) -> str | None:
        """Return the name that a hash stands for; None in another realm."""
        if realm != self._realm:
            return None
        # A server asks for its own algorithms only, so these are few.
        key = algorithm.lower().removesuffix("-sess")
        names = self._by_algorithm.get(key)
        if names is None:
            names = {hash_username(name, realm, algorithm): name for name in self._usernames}
            self._by_algorithm[key] = names
        return names.get(name_hash.lower())
