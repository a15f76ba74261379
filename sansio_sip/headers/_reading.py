"""What the readers of typed headers share: one value, its parameters, and the error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..message.names import is_token
from ..message.params import Params, parse_params

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["checked_token", "fault", "only_value", "split_value"]


def fault(
    message: str, header: str, rule: str, position: int | None = None, *, error_class: str = "header-syntax"
) -> ParseError:
    """Make the error for a damaged header.

    Args:
        message: What is wrong.
        header: Key of the header field.
        rule: RFC and section, or rule of the grammar.
        position: Offset in the value, where known.
        error_class: Kind of the error.
    """
    return ParseError(message, error_class=error_class, rule=rule, header=header, position=position)


def only_value(message: Message, header: str, rule: str) -> str | None:
    """Return the one value of a header that may stand once, ``None`` when it is absent.

    Raises:
        ParseError: It stands more than once.
    """
    values = message.get_all(header)
    if len(values) > 1:
        raise fault(f"{len(values)} {header} headers", header, rule, error_class="duplicate-header")
    return values[0] if values else None


def split_value(text: str, header: str) -> tuple[str, Params]:
    """Split ``value;name=value…`` at the first semicolon.

    Raises:
        ParseError: A parameter cannot be read.
    """
    value, _, params = text.partition(";")
    return value.strip(" \t"), parse_params(params, header)


def checked_token(text: str, header: str, rule: str) -> str:
    """Return text that is a token.

    Raises:
        ParseError: It is none.
    """
    if not is_token(text):
        raise fault(f"{text[:40]!r} is no token", header, rule)
    return text
