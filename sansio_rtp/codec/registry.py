"""Which codecs there are, by encoding name and by static payload type."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..errors import LocalProtocolError
from .codec import Codec
from .g711 import PCMA, PCMU

CODECS: Mapping[str, Codec] = MappingProxyType({codec.name: codec for codec in (PCMU, PCMA)})
"""Every codec by its encoding name, in order of preference."""

_BY_PAYLOAD_TYPE: dict[int | None, Codec] = {codec.payload_type: codec for codec in CODECS.values()}


def get_codec(name: str) -> Codec:
    """Return the codec with this encoding name; case does not matter (RFC 4855 §3).

    Raises:
        LocalProtocolError: There is no such codec; the text lists those that exist.
    """
    codec = CODECS.get(name.upper())
    if codec is None:
        raise LocalProtocolError(f"unknown codec {name!r}; known are {', '.join(CODECS)}")
    return codec


def get_static_codec(payload_type: int) -> Codec | None:
    """Return the codec of a static payload type (RFC 3551 §6), or None where there is none."""
    return _BY_PAYLOAD_TYPE.get(payload_type)
