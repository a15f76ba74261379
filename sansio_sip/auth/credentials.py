"""Who a user is, and how he proves it."""

from __future__ import annotations

import re

import attrs

__all__ = ["Credentials"]

# What stands for a single octet (PEP 383) can be written and hashed; any other surrogate cannot.
_HALF_PAIR = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_UNSAFE = re.compile("[\r\n\0\ud800-\udc7f\udd00-\udfff]")


@attrs.frozen
class Credentials:
    """A user name and password.

    Attributes:
        username: The user name.
        password: The password; not shown by ``repr``.
        realm: The only realm that may see an answer, or None for any.
    """

    username: str
    password: str = attrs.field(repr=False)
    realm: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.username or _UNSAFE.search(self.username) is not None:
            raise ValueError("username is empty, or holds CR, LF, NUL or half a surrogate pair")
        if _HALF_PAIR.search(self.password) is not None:
            raise ValueError("password holds half a surrogate pair, which is no text")
