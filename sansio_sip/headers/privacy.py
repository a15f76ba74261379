"""Privacy: what a caller wants hidden (RFC 3323, RFC 3325 §9.3, RFC 7044 §10.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from ._reading import checked_token, fault

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["ANONYMOUS", "Privacy"]

ANONYMOUS: Final = '"Anonymous" <sip:anonymous@anonymous.invalid>'
"""From value of a caller who does not want to be known, without its tag (RFC 3323 §4.1.1.3)."""

_RULE = "RFC 3323 §4.2"


@attrs.frozen
class Privacy:
    """The kinds of privacy that a message asks for.

    Attributes:
        values: Kinds in order and in lower case: ``header``, ``session``, ``user``, ``id``,
            ``history``, ``critical``, or ``none`` alone; empty when nothing is asked for.
    """

    values: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Privacy:
        """Read a value; a kind that stands twice counts once.

        Raises:
            ParseError: A kind is no token, or ``none`` stands beside another (§4.2).
        """
        # Some phones write commas where the RFC has semicolons.
        parts = [part.strip(" \t").lower() for part in text.replace(",", ";").split(";")]
        kinds = tuple(dict.fromkeys(checked_token(part, "privacy", _RULE) for part in parts))
        if "none" in kinds and len(kinds) > 1:
            raise fault("none stands beside other kinds of privacy", "privacy", _RULE)
        return cls(kinds)

    @classmethod
    def of(cls, message: Message) -> Privacy:
        """Return what a message asks for.

        Raises:
            ParseError: The header cannot be read.
        """
        values = message.get_all("privacy")
        return cls.parse(";".join(values)) if values else cls()

    @property
    def critical(self) -> bool:
        """Whether the request must fail rather than go without privacy."""
        return "critical" in self.values

    def __bool__(self) -> bool:
        return bool(self.values) and self.values != ("none",)

    def __str__(self) -> str:
        return ";".join(self.values)
