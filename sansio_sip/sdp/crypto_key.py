"""One master key of ``a=crypto``: key and salt, lifetime, identifier (RFC 4568 §6.1)."""

from __future__ import annotations

import base64
import binascii
import re

import attrs

from .errors import SdpError

__all__ = ["CryptoKey", "parse_inline"]

_RULE = "RFC 4568 §6.1"
# 64 octets of key and salt are more than any suite needs.
_INLINE = re.compile(
    r"inline:([A-Za-z0-9+/]{1,88}={0,2})(?:\|(2\^)?([1-9][0-9]{0,18}))?(?:\|([1-9][0-9]{0,38}):([1-9][0-9]{0,2}))?",
    re.IGNORECASE | re.ASCII,
)
_MAX_POWER = 48
_MAX_LIFETIME = 1 << _MAX_POWER  # of every suite that there is
_MAX_MKI_LENGTH = 128


def _octets(text: str) -> bytes:
    bare = text.rstrip("=")
    try:
        # Some peers leave the padding out, which the RFC discards anyway.
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"material is no base64: {error}") from None


def _is_base64(_key: object, _field: object, value: str) -> None:
    if not _octets(value):
        raise ValueError("material is empty")


@attrs.frozen
class CryptoKey:
    """A master key with its salt; neither is shown by ``repr``.

    Attributes:
        material: Master key and salt as they stand in the line: together, in base64.
        lifetime: Packets after which it is worn out; None for what its suite allows.
        mki: Master key identifier, None for none.
        mki_length: Octets of the identifier in each packet, 0 for none.
    """

    material: str = attrs.field(repr=False, validator=_is_base64)
    lifetime: int | None = None
    mki: int | None = None
    mki_length: int = 0

    def __attrs_post_init__(self) -> None:
        if self.lifetime is not None and not 1 <= self.lifetime <= _MAX_LIFETIME:
            raise ValueError(f"lifetime {self.lifetime} is not in 1..2^{_MAX_POWER}")
        length = self.mki_length
        if (self.mki is None) != (length == 0) or not 0 <= length <= _MAX_MKI_LENGTH:
            raise ValueError(f"mki_length {length} does not go with mki {self.mki}")
        if self.mki is not None and not 0 < self.mki < 1 << 8 * length:
            raise ValueError(f"mki {self.mki} does not fit {length} octets")

    @classmethod
    def of(cls, octets: bytes) -> CryptoKey:
        """Make a key of random octets: master key, then salt.

        Args:
            octets: As many as `CryptoSuite.material_length` of its suite says.
        """
        return cls(base64.b64encode(octets).decode("ascii"))

    @property
    def octets(self) -> bytes:
        """Master key and salt together."""
        return _octets(self.material)

    def __str__(self) -> str:
        lifetime = "" if self.lifetime is None else f"|{_lifetime_text(self.lifetime)}"
        mki = "" if self.mki is None else f"|{self.mki}:{self.mki_length}"
        return f"inline:{self.material}{lifetime}{mki}"


def _lifetime_text(lifetime: int) -> str:
    power = lifetime.bit_length() - 1
    return f"2^{power}" if power and lifetime == 1 << power else str(lifetime)


def parse_inline(text: str) -> CryptoKey:
    """Read one ``inline:`` parameter.

    Raises:
        SdpError: It is none, or a number is out of range.
    """
    match = _INLINE.fullmatch(text)
    if match is None:
        # What cannot be read may be a key, so no error quotes it.
        raise SdpError("a=crypto: a key is not inline:key|lifetime|mki:length", rule=_RULE)
    material, power, number, mki, mki_length = match.groups()
    lifetime = None if number is None else int(number)
    if power is not None and lifetime is not None:
        if lifetime > _MAX_POWER:
            raise SdpError(f"a=crypto: a lifetime of 2^{lifetime} packets", rule=_RULE)
        lifetime = 1 << lifetime
    try:
        return CryptoKey(material, lifetime, int(mki) if mki else None, int(mki_length) if mki_length else 0)
    except ValueError as error:
        raise SdpError(f"a=crypto: {error}", rule=_RULE) from None
