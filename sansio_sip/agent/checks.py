"""Validators for the configurations of this folder: values that will stand in messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..message import NameAddr, parse_uri

if TYPE_CHECKING:
    import attrs

__all__ = ["is_address", "is_uri"]


def is_address(_config: object, field: attrs.Attribute[str], value: str) -> None:
    """Accept a From value without tag."""
    try:
        tag = NameAddr.parse(value).tag
    except ParseError as error:
        raise ValueError(f"{field.name} {value!r} is no address: {error}") from error
    if tag:
        raise ValueError(f"{field.name} {value!r} has a tag")


def is_uri(_config: object, field: attrs.Attribute[str], value: str) -> None:
    """Accept a URI, or nothing."""
    try:
        if value:
            parse_uri(value)
    except ParseError as error:
        raise ValueError(f"{field.name}: {error}") from error
