"""Format parameters, as most media types write them: `name=value; name=value` (RFC 4855 §3)."""

from __future__ import annotations

_MAX_PARAMETERS = 64
_MAX_DIGITS = 9


def read_parameters(fmtp: str | None) -> dict[str, str]:
    """Return the parameters by lower-case name; what has no name is left out, the first of two counts."""
    parameters: dict[str, str] = {}
    for item in (fmtp or "").split(";", _MAX_PARAMETERS)[:_MAX_PARAMETERS]:
        name, _, value = item.partition("=")
        if name.strip():
            parameters.setdefault(name.strip().lower(), value.strip())
    return parameters


def read_number(parameters: dict[str, str], name: str) -> int | None:
    """Return a parameter as a number, or None when it is missing or no decimal number."""
    value = parameters.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS else None


def read_flag(parameters: dict[str, str], name: str) -> bool:
    """Tell whether a parameter is 1."""
    return parameters.get(name) == "1"
