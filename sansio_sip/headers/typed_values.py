"""Any header field as typed values, read when asked for (MSG-3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ParseError
from ..message import ParseMode, split_list
from ..message.params import has_stray_semicolon
from ._reading import fault
from .form_table import HEADER_FORMS

if TYPE_CHECKING:
    from ..message import Message
    from .form_table import HeaderForm

__all__ = ["typed_values", "write_values"]

# Quoted strings and brackets hide commas; what is left of an element may not be empty.
_HIDDEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|<[^>]*+>', re.DOTALL)
# Texts without parameters, in which a semicolon is a character like another.
_FREE_TEXT = frozenset({"organization", "privacy", "server", "subject", "user-agent", "warning"})


def typed_values(message: Message, key: str, *, mode: ParseMode = ParseMode.LENIENT) -> tuple[object, ...]:
    """Read all values of a header field, in order.

    For a header that may stand once, at most one value comes. The functions and properties for single
    headers give the same values with their own types; this is for whoever walks through all of them.

    Args:
        message: The message.
        key: Canonical key of the header, such as ``"accept-contact"``.
        mode: Whether empty elements and parameters are forgiven.

    Raises:
        ParseError: A value cannot be read, or stands twice; ``header`` is the key, ``rule`` what was
            broken and ``position`` the offset in the field's value.
        LocalProtocolError: There is no typed form of this header.
    """
    form = _form(key)
    texts = message.get_all(key)
    if len(texts) > 1 and not form.repeated:
        raise fault(f"{len(texts)} {key} headers", key, form.rule, error_class="duplicate-header")
    values: list[object] = []
    for text in texts:
        if mode is ParseMode.STRICT:
            _check_strictly(text, key, form)
        position = 0
        for element in _elements(text, key) if form.listed else [text]:
            position = text.index(element, position)
            try:
                values.append(form.read(element))
            except ParseError as error:
                error.header = key
                error.position = position + (error.position or 0)
                raise
            position += len(element)
    return tuple(values)


def write_values(key: str, values: tuple[object, ...]) -> str:
    """Write values as one field; several are joined where the header is a list.

    Raises:
        LocalProtocolError: There is no typed form of this header, or it takes only one value in a field.
    """
    form = _form(key)
    if len(values) != 1 and not form.listed:
        raise LocalProtocolError(f"{key} takes one value in a field, not {len(values)}")
    return ", ".join([form.write(value) for value in values])


def _form(key: str) -> HeaderForm:
    form = HEADER_FORMS.get(key)
    if form is None:
        raise LocalProtocolError(f"there is no typed form of {key[:80]!r}")
    return form


def _elements(text: str, key: str) -> list[str]:
    try:
        return split_list(text, key)
    except ParseError as error:
        error.position = max(text.rfind('"'), text.rfind("<"))  # what has no end
        raise


def _check_strictly(text: str, key: str, form: HeaderForm) -> None:
    if form.listed and text:
        position = 0
        for element in _HIDDEN.sub(lambda match: "x" * len(match[0]), text).split(","):
            if not element.strip(" \t"):
                raise fault("an element of the list is empty", key, "RFC 3261 §7.3.1", position)
            position += len(element) + 1
    if key not in _FREE_TEXT and ";" in text and has_stray_semicolon(text):
        raise fault(
            "a semicolon with nothing behind it", key, "RFC 3261 §25.1 generic-param", text.rfind(";")
        )
