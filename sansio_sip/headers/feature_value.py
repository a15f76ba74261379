"""Values of feature tags: words, numbers and strings (RFC 3840 §9, RFC 3841 §8)."""

from __future__ import annotations

import re
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from ..message.params import quote_string, unquote_string
from ._reading import fault

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FeatureKind", "FeatureValue", "parse_feature_values", "write_feature_values"]

_RULE = "RFC 3840 §9"
# Digits of a double are fewer; more would only make the arithmetic slow.
_NUMBER = r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,20})?"
_NUMERIC = re.compile(rf"#(?:(>=|<=|=)({_NUMBER})|({_NUMBER}):({_NUMBER}))", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9\-.%*_+`'~]{1,255}", re.ASCII)
_MAX_VALUES = 64


class FeatureKind(Enum):
    """How values are compared (RFC 3841 §7.2.4): without case, with case, or as numbers."""

    TOKEN = "token"
    STRING = "string"
    NUMBER = "number"


@attrs.frozen
class FeatureValue:
    """One value that a feature may, or may not, have.

    Attributes:
        kind: How it is compared.
        text: The word or string; a word is in lower case.
        low: Least number; None for no bound.
        high: Greatest number; None for no bound.
        negated: Whether it is anything but this.
    """

    kind: FeatureKind
    text: str = ""
    low: Fraction | None = None
    high: Fraction | None = None
    negated: bool = False

    @classmethod
    def token(cls, text: str, *, negated: bool = False) -> FeatureValue:
        """Make a word such as ``fixed``, ``INVITE`` or ``TRUE``."""
        return cls(FeatureKind.TOKEN, text.lower(), negated=negated)

    @classmethod
    def parse(cls, text: str, header: str = "contact") -> FeatureValue:
        """Read one ``tag-value``.

        Raises:
            ParseError: It is neither a word nor a number.
        """
        negated = text.startswith("!")
        bare = text[1:] if negated else text
        if bare.startswith("#"):
            return _numeric(bare, header, negated=negated)
        if _TOKEN.fullmatch(bare) is None:
            raise fault(f"feature value {text[:40]!r}", header, _RULE)
        return cls.token(bare, negated=negated)

    def overlaps(self, other: FeatureValue) -> bool:
        """Return whether something is both."""
        if self.negated and other.negated:
            return True  # there are always more values
        if self.negated:
            return not other.is_within(self)
        if other.negated:
            return not self.is_within(other)
        if self.kind is not other.kind or self.text != other.text:
            return False
        return _not_above(self.low, other.high) and _not_above(other.low, self.high)

    def is_within(self, other: FeatureValue) -> bool:
        """Return whether all that this value is, negation left aside, is the other one too."""
        if self.kind is not other.kind or self.text != other.text:
            return False
        above = other.low is None or (self.low is not None and self.low >= other.low)
        return above and (other.high is None or (self.high is not None and self.high <= other.high))

    def __str__(self) -> str:
        bang = "!" if self.negated else ""
        if self.kind is not FeatureKind.NUMBER:
            word = self.text.upper() if self.text in ("true", "false") else self.text
            return bang + (f"<{word}>" if self.kind is FeatureKind.STRING else word)
        if self.low == self.high:
            return f"{bang}#={_digits(self.low)}"
        if self.low is None or self.high is None:
            return f"{bang}#{'<=' if self.low is None else '>='}{_digits(self.high or self.low)}"
        return f"{bang}#{_digits(self.low)}:{_digits(self.high)}"


def _not_above(low: Fraction | None, high: Fraction | None) -> bool:
    return low is None or high is None or low <= high


def _numeric(text: str, header: str, *, negated: bool) -> FeatureValue:
    match = _NUMERIC.fullmatch(text)
    if match is None:
        raise fault(f"feature number {text[:40]!r}", header, _RULE)
    relation, number, low, high = match.groups()
    if relation is None:
        bounds = (_fraction(low), _fraction(high))
        if bounds[0] > bounds[1]:
            raise fault(f"feature range {text[:40]!r} is empty", header, _RULE)
        return FeatureValue(FeatureKind.NUMBER, "", *bounds, negated)
    value = _fraction(number)
    return FeatureValue(
        FeatureKind.NUMBER,
        "",
        None if relation == "<=" else value,
        None if relation == ">=" else value,
        negated,
    )


def _fraction(text: str) -> Fraction:
    return Fraction(text.rstrip(".") if text.endswith(".") else text)


def _digits(number: Fraction | None) -> str:
    """Write a number that came from at most 20 decimals."""
    value = number or Fraction(0)
    whole, rest = divmod(abs(value), 1)
    decimals = f"{int(rest * 10**20):020}".rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"


def parse_feature_values(raw: str | None, header: str = "contact") -> tuple[FeatureValue, ...]:
    """Read what stands behind a feature parameter's equals sign; None is the same as ``TRUE``.

    Raises:
        ParseError: It is neither a list of values nor a string in angle brackets.
    """
    if raw is None:
        return (FeatureValue.token("true"),)
    text = unquote_string(raw)
    if text.startswith("<") and text.endswith(">") and len(text) > 1:
        return (FeatureValue(FeatureKind.STRING, text[1:-1]),)
    parts = text.split(",")
    if len(parts) > _MAX_VALUES:
        raise fault(f"{len(parts)} values of one feature tag", header, "limit", error_class="limit")
    return tuple([FeatureValue.parse(part.strip(" \t"), header) for part in parts])


def write_feature_values(values: Iterable[FeatureValue]) -> str | None:
    """Write what stands behind a feature parameter's equals sign; None where ``TRUE`` needs no text."""
    text = ",".join(map(str, values))
    return None if text == "TRUE" else quote_string(text)
