"""What a server knows of a user: the password, or its hashes (RFC 7616 §3.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from .digest import hash_user, is_supported

__all__ = ["Secret", "SecretLookup"]


def _are_algorithms(
    _secret: object, field: attrs.Attribute[Mapping[str, str]], value: Mapping[str, str]
) -> None:
    for name in value:
        if not is_supported(name) or name != name.lower() or name.endswith("-sess"):
            raise ValueError(f"{field.name}: {name!r} is none of md5, sha-256, sha-512-256")


@attrs.frozen
class Secret:
    """A user's password, or hashes of it; neither is shown by ``repr``.

    Attributes:
        password: The password, or None where only hashes are kept.
        hashes: For each algorithm in lower case what `hash_user` gives for it.
    """

    password: str | None = attrs.field(default=None, repr=False)
    hashes: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False, validator=_are_algorithms)

    def user_hash(self, username: str, realm: str, algorithm: str) -> str | None:
        """Return H(A1) without ``-sess``, or None when it is not known for this algorithm."""
        if self.password is not None:
            return hash_user(username, realm, self.password, algorithm)
        return self.hashes.get(algorithm.lower().removesuffix("-sess"))


SecretLookup: TypeAlias = Callable[[str, str], "Secret | None"]
"""Gives for user name and realm the secret, or None for an unknown user."""
