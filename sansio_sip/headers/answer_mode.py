"""Answer-Mode and Priv-Answer-Mode: whether a phone shall answer by itself (RFC 5373)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import Params
from ..message.params import find_param, format_params
from ._reading import checked_token, only_value, split_value

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["AnswerMode"]


@attrs.frozen
class AnswerMode:
    """How a call shall be, or was, answered.

    Attributes:
        mode: ``auto``, ``manual`` or an extension, in lower case.
        required: Whether the caller would rather be refused than answered in another way.
        params: Other parameters in order.
        privileged: Whether it came as Priv-Answer-Mode, which overrides the callee's own wish and
            so needs a caller with the right to ask for it.
    """

    mode: str
    required: bool = False
    params: Params = ()
    privileged: bool = False

    @classmethod
    def parse(cls, text: str, *, privileged: bool = False) -> AnswerMode:
        """Read a value.

        Raises:
            ParseError: The mode is no token.
        """
        mode, params = split_value(text, "answer-mode")
        return cls(
            checked_token(mode, "answer-mode", "RFC 5373 §3").lower(),
            find_param(params, "require") is not None,
            tuple(pair for pair in params if pair[0] != "require"),
            privileged,
        )

    @classmethod
    def of(cls, message: Message) -> AnswerMode | None:
        """Return what a message asks for or tells; the privileged header goes before the other.

        Raises:
            ParseError: It cannot be read, or stands twice.
        """
        for header in ("priv-answer-mode", "answer-mode"):
            text = only_value(message, header, "RFC 5373 §3")
            if text is not None:
                return cls.parse(text, privileged=header == "priv-answer-mode")
        return None

    @property
    def automatic(self) -> bool:
        """Whether the phone shall answer without asking its user."""
        return self.mode == "auto"

    def __str__(self) -> str:
        require = ";require" if self.required else ""
        return f"{self.mode.capitalize()}{require}{format_params(self.params)}"
