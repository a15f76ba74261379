"""Accept-Contact and Reject-Contact: which of its phones a caller wants (RFC 3841 §9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import Params
from ..message.params import find_param, format_params
from ._reading import fault, split_value
from .features import FeatureSet

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["ContactPreference", "accepted_contacts", "rejected_contacts"]

_RULE = "RFC 3841 §10"
_MAX_PREFERENCES = 20


@attrs.frozen
class ContactPreference:
    """One rule about contacts.

    Attributes:
        features: What a contact shall have, or shall not have.
        required: Whether contacts that do not fit are not to be tried at all.
        explicit: Whether only contacts that say so themselves fit well.
        params: Other parameters in order.
    """

    features: FeatureSet = attrs.field(factory=FeatureSet)
    required: bool = False
    explicit: bool = False
    params: Params = ()

    @classmethod
    def parse(cls, text: str, header: str = "accept-contact") -> ContactPreference:
        """Read one element.

        Raises:
            ParseError: It does not begin with a star, or a feature cannot be read or stands twice.
        """
        star, params = split_value(text, header)
        if star != "*":
            raise fault(f"{star[:40]!r} where a star belongs", header, _RULE)
        flags = ("require", "explicit") if header == "accept-contact" else ()
        names = [name for name, _ in params]
        if any(names.count(flag) > 1 for flag in flags):
            raise fault("require or explicit twice", header, _RULE)
        features = FeatureSet.of_params(params, header)
        known = {*flags, *[name for name, _ in features.params]}
        others = tuple([pair for pair in params if pair[0] not in known])
        return cls(
            features,
            "require" in flags and find_param(params, "require") is not None,
            "explicit" in flags and find_param(params, "explicit") is not None,
            others,
        )

    def __str__(self) -> str:
        flags = f"{';require' if self.required else ''}{';explicit' if self.explicit else ''}"
        return f"*{format_params(self.features.params)}{flags}{format_params(self.params)}"


def _preferences(message: Message, header: str) -> tuple[ContactPreference, ...]:
    values = message.values(header)
    if len(values) > _MAX_PREFERENCES:
        # Each costs work for every contact; the RFC advises to refuse more than about twenty (§11).
        raise fault(f"{len(values)} values", header, "RFC 3841 §11", error_class="limit")
    return tuple([ContactPreference.parse(value, header) for value in values])


def accepted_contacts(message: Message) -> tuple[ContactPreference, ...]:
    """Return which contacts the caller would like.

    Raises:
        ParseError: One cannot be read, or there are more than 20 (RFC 3841 §11).
    """
    return _preferences(message, "accept-contact")


def rejected_contacts(message: Message) -> tuple[ContactPreference, ...]:
    """Return which contacts the caller does not want.

    Raises:
        ParseError: One cannot be read, or there are more than 20 (RFC 3841 §11).
    """
    return _preferences(message, "reject-contact")
