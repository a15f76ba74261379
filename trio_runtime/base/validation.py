"""Validators for configurations: each refusal is a `ConfigurationError` that names the field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from trio_runtime.base.errors import ConfigurationError

__all__ = [
    "Validator",
    "any_of",
    "between",
    "choice",
    "each",
    "flag",
    "host_and_port",
    "line",
    "matching",
    "one_of",
    "optional",
    "part",
    "port_number",
    "port_range",
    "secret",
    "session_seconds",
    "text",
]

_LEAST_SESSION_INTERVAL = 90

# `Attribute` is invariant in the type of its value, which a validator for many fields cannot know.
Validator: TypeAlias = Callable[[object, "attrs.Attribute[Any]", object], None]


def between(low: float, high: float = float("inf"), unit: str = "") -> Validator:
    """Accept a number from `low` to `high`, both included; for a field of type int a whole one.

    `unit` only makes the message clearer.
    """

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        is_whole = str(attribute.type).startswith(("int", "<class 'int'>"))
        kinds = int if is_whole else int | float
        if not isinstance(value, kinds) or isinstance(value, bool) or not low <= value <= high:
            wanted = f"at least {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"
            what = "a whole number, " if is_whole else ""
            raise ConfigurationError(f"must be {what}{wanted}{unit}, not {value!r}", field=attribute.name)

    return check


def one_of(*allowed: float, unit: str = "") -> Validator:
    """Accept one of some numbers; `unit` only makes the message clearer."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or value not in allowed:
            wanted = ", ".join(f"{each:g}" for each in allowed)
            raise ConfigurationError(f"must be one of {wanted}{unit}, not {value!r}", field=attribute.name)

    return check


def choice(*allowed: str) -> Validator:
    """Accept one of some words."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in allowed:
            raise ConfigurationError(
                f"must be one of {', '.join(allowed)}, not {value!r}", field=attribute.name
            )

    return check


def matching(pattern: str, wanted: str) -> Validator:
    """Accept a text of a certain form; `wanted` says in words which."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
            raise ConfigurationError(f"must be {wanted}, not {value!r}", field=attribute.name)

    return check


def port_number(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept a port from 0 (the system chooses) to 65535."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 65_535:
        raise ConfigurationError(f"must be a port, 0 to 65535, not {value!r}", field=attribute.name)


def session_seconds(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept 0, or the least session interval of RFC 4028 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or 0 != value < _LEAST_SESSION_INTERVAL:
        wanted = f"must be 0 or at least {_LEAST_SESSION_INTERVAL} s"
        raise ConfigurationError(f"{wanted}, not {value!r}", field=attribute.name)


def port_range(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept a pair (first, last) that holds at least one even port with its odd neighbour."""
    match value:
        case (int(low), int(high)) if low >= 1024 and high <= 65_535 and high - low >= 2:
            return
    wanted = "must be (first, last), within 1024 to 65535 and 3 ports at least"
    raise ConfigurationError(f"{wanted}, not {value!r}", field=attribute.name)


def text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept one non-empty line of text; a line break could smuggle a header into a message."""
    if not isinstance(value, str) or not value or any(ch in value for ch in "\r\n\0"):
        raise ConfigurationError("must be one line of text, not empty", field=attribute.name)


def line(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept one line of text, which may be empty."""
    if not isinstance(value, str) or any(ch in value for ch in "\r\n\0"):
        raise ConfigurationError("must be one line of text", field=attribute.name)


def flag(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept True or False."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"must be true or false, not {value!r}", field=attribute.name)


def secret(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept None or a text; the message shows nothing of it."""
    if value is not None and not isinstance(value, str):
        raise ConfigurationError("must be text", field=attribute.name)


def part(kind: type) -> Validator:
    """Accept a configuration of its own."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kind):
            # Not the value: what stands in its place may hold a password.
            raise ConfigurationError(f"must be a {kind.__name__}", field=attribute.name)

    return check


def host_and_port(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept a host, or a host and a port behind a colon."""
    host, colon, port = value.partition(":") if isinstance(value, str) else ("", "", "")
    named = bool(host) and not any(ch.isspace() or ch in "/@[]" for ch in host)
    numbered = not colon or (port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= 65_535)
    if not (named and numbered):
        raise ConfigurationError(f"must be HOST or HOST:PORT, not {value!r}", field=attribute.name)


def each(check: Validator) -> Validator:
    """Apply a validator to every element of a tuple, which must not be empty."""

    def check_all(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, tuple) or not value:
            raise ConfigurationError(f"must be a non-empty tuple, not {value!r}", field=attribute.name)
        for element in value:
            check(instance, attribute, element)

    return check_all


def any_of(check: Validator) -> Validator:
    """Apply a validator to every element of a tuple, which may be empty."""

    def check_all(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value != ():
            each(check)(instance, attribute, value)

    return check_all


def optional(check: Validator) -> Validator:
    """Accept None, or what `check` accepts."""

    def check_unless_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is not None:
            check(instance, attribute, value)

    return check_unless_none
