"""What a phone can do, as feature tags of its Contact (RFC 3840 §9), and when two sides fit (RFC 2533)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message.params import format_params
from ._reading import fault
from .feature_value import FeatureValue, parse_feature_values, write_feature_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Params

__all__ = ["BASE_TAGS", "FeatureSet"]

BASE_TAGS = frozenset((
    "actor", "application", "audio", "automata", "class", "control", "data", "description", "duplex",
    "events", "extensions", "isfocus", "language", "methods", "mobility", "priority", "schemes", "text",
    "type", "video",
))  # fmt: skip
"""Feature parameters that stand without a plus sign (RFC 3840 §9)."""

_UNPREFIXED = ("language", "type")  # registered before SIP had a tree of its own
_RULE = "RFC 3840 §9"
# A phone tells about a dozen; each costs a comparison for each preference of each caller.
_MAX_TAGS = 64


def _tag_of(name: str) -> str | None:
    """Return the feature tag that a parameter stands for (RFC 3841 §8), or None for another parameter."""
    if name.startswith("+") and len(name) > 1:
        return name[1:].replace("!", ":").replace("'", "/")
    if name in BASE_TAGS:
        return name if name in _UNPREFIXED else f"sip.{name}"
    return None


def _name_of(tag: str) -> str:
    base = tag if tag in _UNPREFIXED else tag.removeprefix("sip.")
    if base in BASE_TAGS and (base != tag or tag in _UNPREFIXED):
        return base
    return "+" + tag.replace(":", "!").replace("/", "'")


@attrs.frozen
class FeatureSet:
    """Feature tags with what each may be; all of them hold together.

    Attributes:
        tags: Tags in order, such as ``sip.audio``, each with its values, of which one holds.
    """

    tags: tuple[tuple[str, tuple[FeatureValue, ...]], ...] = ()

    @classmethod
    def of_params(cls, params: Params, header: str = "contact") -> FeatureSet:
        """Take the feature parameters out of the parameters of a Contact, Accept-Contact or Reject-Contact.

        ``+audio`` counts only where ``audio`` is not there (RFC 3841 §7.2.3).

        Raises:
            ParseError: A value cannot be read, a tag stands twice, or there are too many.
        """
        tags: dict[str, tuple[FeatureValue, ...]] = {}
        plain = {name for name, _ in params if name in BASE_TAGS}
        for name, value in params:
            tag = _tag_of(name)
            if tag is None or name[1:] in plain:
                continue
            if tag in tags:
                raise fault(f"feature tag {tag[:40]!r} twice", header, _RULE)
            tags[tag] = parse_feature_values(value, header)
        if len(tags) > _MAX_TAGS:
            raise fault(f"{len(tags)} feature tags", header, "limit", error_class="limit")
        return cls(tuple(tags.items()))

    @classmethod
    def of(cls, features: Iterable[tuple[str, Iterable[FeatureValue]]]) -> FeatureSet:
        """Make a set of tags and values."""
        return cls(tuple([(tag, tuple(values)) for tag, values in features]))

    @property
    def params(self) -> Params:
        """The parameters to put into a Contact."""
        return tuple([(_name_of(tag), write_feature_values(values)) for tag, values in self.tags])

    def get(self, tag: str) -> tuple[FeatureValue, ...]:
        """Return what a tag such as ``sip.methods`` may be; empty when nothing is said of it."""
        return next((values for name, values in self.tags if name == tag), ())

    def supports(self, tag: str) -> bool:
        """Return whether a boolean tag such as ``sip.isfocus`` is said to be true."""
        return FeatureValue.token("true") in self.get(tag)

    def matches(self, wanted: FeatureSet) -> bool:
        """Return whether both can hold at once: of what only one of them names, anything can be.

        This is the matching of RFC 2533 for sets of this form (RFC 3841 §7.2.4).
        """
        mine = dict(self.tags)
        return all(
            any(one.overlaps(other) for one in mine[tag] for other in values)
            for tag, values in wanted.tags
            if tag in mine
        )

    def share_named(self, wanted: FeatureSet) -> float:
        """Return which part of the wanted tags is named here at all, from 0 to 1 (RFC 3841 §7.2.4)."""
        mine = dict(self.tags)
        return sum([tag in mine for tag, _ in wanted.tags]) / len(wanted.tags) if wanted.tags else 1.0

    def __bool__(self) -> bool:
        return bool(self.tags)

    def __str__(self) -> str:
        return format_params(self.params).removeprefix(";")
