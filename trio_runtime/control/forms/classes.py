"""What attrs classes say of themselves: the types of their fields, and what their docstrings tell of each."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any, get_type_hints

import attrs

from sansio_sip.invite import CallEnd
from sansio_sip.sdp import NegotiatedMedia
from trio_runtime.base.priority import CallPriority
from trio_runtime.base.types import CallDirection, CallState, SessionId

__all__ = ["describe", "fields_of", "hints_of"]

_ENTRY = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
# What the modules of events import for type checkers only.
_NAMES: dict[str, Any] = {
    "CallDirection": CallDirection,
    "CallEnd": CallEnd,
    "CallPriority": CallPriority,
    "CallState": CallState,
    "NegotiatedMedia": NegotiatedMedia,
    "SessionId": SessionId,
}


def fields_of(kind: type) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of an attrs class."""
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(kind)
    return fields


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """Return the types of the fields of an attrs class."""
    return get_type_hints(kind, localns=_NAMES)


def describe(kind: type) -> tuple[str, dict[str, str]]:
    """Return what a docstring says of a class, in one sentence, and of each of its attributes."""
    text = inspect.getdoc(kind) or ""
    texts = {name: " ".join(words.split()) for name, words in _ENTRY.findall(text)}
    first = text.partition("\n\n")[0]
    return " ".join(first.split()), texts
