"""P-Asserted-Identity and P-Preferred-Identity: who the network says is calling (RFC 3325)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import NameAddr, TelUri, Uri
from ._reading import fault
from .privacy import Privacy

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["Identity", "asserted_identity", "preferred_identity", "withhold_identity"]

_ASSERTED = "p-asserted-identity"
_PREFERRED = "p-preferred-identity"
_RULE = "RFC 3325 §9.1"


@attrs.frozen
class Identity:
    """One or two names of the same user.

    Attributes:
        sip: The ``sip`` or ``sips`` address, if given.
        tel: The telephone number, if given.
    """

    sip: NameAddr | None = None
    tel: NameAddr | None = None

    @classmethod
    def parse(cls, values: list[str], header: str = _ASSERTED) -> Identity:
        """Read the values of one header.

        Raises:
            ParseError: There are two of a kind, none, or one of another scheme.
        """
        sip: NameAddr | None = None
        tel: NameAddr | None = None
        for value in values:
            address = NameAddr.parse(value, header)
            if isinstance(address.uri, Uri) and sip is None:
                sip = address
            elif isinstance(address.uri, TelUri) and tel is None:
                tel = address
            else:
                raise fault("more than one sip and one tel URI, or another scheme", header, _RULE)
        if sip is None and tel is None:
            raise fault("an identity without a value", header, _RULE)
        return cls(sip, tel)

    @property
    def values(self) -> tuple[str, ...]:
        """The values to send, one header field for each."""
        return tuple(str(address) for address in (self.sip, self.tel) if address is not None)


def asserted_identity(message: Message, *, trusted: bool) -> Identity | None:
    """Return what the network asserts about the sender.

    Args:
        message: The message.
        trusted: Whether it came from an element of our trust domain; from any other the header must
            not be used in any way (§8).

    Raises:
        ParseError: The header breaks §9.1.
    """
    values = message.values(_ASSERTED) if trusted else []
    return Identity.parse(values) if values else None


def preferred_identity(message: Message) -> Identity | None:
    """Return the identity that the sender would like to be asserted, a hint only (§6).

    Raises:
        ParseError: The header breaks §9.2.
    """
    values = message.values(_PREFERRED)
    return Identity.parse(values, _PREFERRED) if values else None


def withhold_identity(message: Message, *, to_trusted: bool) -> None:
    """Remove from a message what the next element must not learn (§6, §7).

    The user's hint never leaves the trust domain's first element; the asserted identity stays
    unless the next element is not trusted and the user asked for ``id`` privacy.

    Raises:
        ParseError: The Privacy header cannot be read.
    """
    if to_trusted:
        return
    message.remove(_PREFERRED)
    if "id" in Privacy.of(message).values:
        message.remove(_ASSERTED)
