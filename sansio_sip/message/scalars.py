"""Small header values: numbers, and a tag found without typing its header."""

from __future__ import annotations

from ..errors import ParseError

__all__ = ["fast_tag", "parse_number"]


_SMALL = {str(number): number for number in range(1_000)}


def parse_number(text: str, header: str, maximum: int) -> int:
    """Read ``1*DIGIT``.

    Args:
        text: The raw value.
        header: Key of the header field, for the error.
        maximum: Largest number allowed.

    Raises:
        ParseError: Something else than digits, or above the maximum.
    """
    small = _SMALL.get(text)
    if small is not None and small <= maximum:
        return small
    error_class = "content-length" if header == "content-length" else "header-syntax"
    if not (text.isascii() and text.isdecimal()):
        raise ParseError(
            f"{header} is not a number", error_class=error_class, rule="RFC 3261 §25.1", header=header
        )
    # int() refuses thousands of digits, be they zeros, so the length decides first.
    digits = text if len(text) <= 20 else text.lstrip("0") or "0"
    if len(digits) > 20 or (number := int(digits)) > maximum:
        raise ParseError(
            f"{header} is above {maximum}", error_class="number-range", rule="RFC 3261 §25.1", header=header
        )
    return number


def fast_tag(value: str) -> str | None:
    """Find the tag parameter of From or To in its usual spelling.

    Returns:
        The tag, empty when there is surely none, or None when only the full grammar can tell.
    """
    tail = value[value.rfind(">") + 1 :]
    if '"' in tail:
        return None
    start = tail.find(";tag=")
    if start < 0:
        return None if "tag" in tail.lower() else ""
    end = tail.find(";", start + 5)
    tag = tail[start + 5 :] if end < 0 else tail[start + 5 : end]
    # A space may only be at the ends; anything else is for the full grammar.
    return tag.strip(" \t")
