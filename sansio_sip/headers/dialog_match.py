"""Replaces and Join: headers that name a dialog of the callee (RFC 3891 §6.1, RFC 3911 §7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import Params
from ..message.params import find_param
from ._reading import checked_token, fault, only_value, split_value

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["Join", "Replaces"]


def _read(text: str, header: str, rule: str) -> tuple[str, str, str, Params]:
    call_id, params = split_value(text, header)
    names = [name for name, _ in params]
    if not call_id or any(character in call_id for character in " \t,"):
        raise fault("there is no Call-ID", header, rule)
    if names.count("to-tag") != 1 or names.count("from-tag") != 1:
        raise fault("there must be exactly one to-tag and one from-tag", header, rule)
    tags = [checked_token(find_param(params, name) or "", header, rule) for name in ("to-tag", "from-tag")]
    return call_id, tags[0], tags[1], params


@attrs.frozen
class Replaces:
    """The dialog that a new call takes the place of.

    Attributes:
        call_id: Its Call-ID.
        to_tag: The tag of the element that receives the header.
        from_tag: The tag of that element's peer; ``0`` for an RFC 2543 peer without one.
        early_only: Whether only a call that is not answered yet may be replaced.
    """

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Replaces:
        """Read a value.

        Raises:
            ParseError: There is no Call-ID, or not exactly one tag of each kind.
        """
        call_id, to_tag, from_tag, params = _read(text, "replaces", "RFC 3891 §6.1")
        return cls(call_id, to_tag, from_tag, find_param(params, "early-only") is not None)

    @classmethod
    def of(cls, message: Message) -> Replaces | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice (status 400, §3).
        """
        text = only_value(message, "replaces", "RFC 3891 §3")
        return None if text is None else cls.parse(text)

    def __str__(self) -> str:
        early = ";early-only" if self.early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{early}"


@attrs.frozen
class Join:
    """The dialog that a new call is added to; see `Replaces` for the attributes."""

    call_id: str
    to_tag: str
    from_tag: str

    @classmethod
    def parse(cls, text: str) -> Join:
        """Read a value.

        Raises:
            ParseError: There is no Call-ID, or not exactly one tag of each kind.
        """
        return cls(*_read(text, "join", "RFC 3911 §7.1")[:3])

    @classmethod
    def of(cls, message: Message) -> Join | None:
        """Return the value in a message, ``None`` when there is none.

        Raises:
            ParseError: It cannot be read, or stands twice (status 400, §4).
        """
        text = only_value(message, "join", "RFC 3911 §4")
        return None if text is None else cls.parse(text)

    def __str__(self) -> str:
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}"
