"""Comfort noise as RTP payload: a level and the shape of a spectrum (RFC 3389 §3)."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError, PacketError

MAX_LEVEL = 127
MAX_ORDER = 32
"""Coefficients that are made use of; a peer may send more, nobody hears them."""
_STEP = 258 / 32768  # §3.2
_MIDDLE = 127
_RESERVED = 255


def _clean(coefficients: npt.ArrayLike) -> tuple[float, ...]:
    return tuple(float(each) for each in np.atleast_1d(np.asarray(coefficients, np.float64)))


@attrs.frozen
class ComfortNoise:
    """The background of a pause.

    Attributes:
        level: Power in -dBov: 0 is the loudest that there is, 127 is silence.
        reflection: Reflection coefficients of the spectrum, each between -1 and 1; none is white noise.
    """

    level: int
    reflection: tuple[float, ...] = attrs.field(default=(), converter=_clean)

    def __attrs_post_init__(self) -> None:
        """Check the values.

        Raises:
            LocalProtocolError: A value is out of range; the text names the field.
        """
        if not 0 <= self.level <= MAX_LEVEL:
            raise LocalProtocolError(f"level is {self.level}, not in 0..{MAX_LEVEL} -dBov")
        if not all(-1.0 < each < 1.0 for each in self.reflection):
            raise LocalProtocolError(f"reflection holds {self.reflection}, not numbers between -1 and 1")
        if len(self.reflection) > MAX_ORDER:
            raise LocalProtocolError(f"reflection has {len(self.reflection)} coefficients, not {MAX_ORDER}")

    def to_bytes(self) -> bytes:
        """Return the payload: one octet for the level and one for each coefficient (§3.3)."""
        indices = [round(each / _STEP) + _MIDDLE for each in self.reflection]
        return bytes((self.level, *(min(max(index, 0), _RESERVED - 1) for index in indices)))


def parse_comfort_noise(payload: bytes) -> ComfortNoise:
    """Read a payload.

    The unused bit of the level is ignored, and so is every coefficient from the reserved index 255 on.

    Raises:
        PacketError: There is no level.
    """
    if not payload:
        raise PacketError("comfort noise needs a level (RFC 3389 §3.1)", error_class="truncated")
    indices = payload[1 : 1 + MAX_ORDER].partition(bytes((_RESERVED,)))[0]
    return ComfortNoise(payload[0] & MAX_LEVEL, tuple((index - _MIDDLE) * _STEP for index in indices))
