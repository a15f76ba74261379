"""Checks of a session's settings that need no more than one or two of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..errors import LocalProtocolError
from ..srtp import SrtpConfig


def freeze_names(formats: Mapping[int, str]) -> Mapping[int, str]:
    """Return a copy that cannot be changed."""
    return MappingProxyType(dict(formats))


def freeze_clocks(formats: Mapping[int, int]) -> Mapping[int, int]:
    """Return a copy that cannot be changed."""
    return MappingProxyType(dict(formats))


def check_type(field: str, value: int | None, voices: Mapping[int, str]) -> None:
    """Check a payload type of what is no voice, or None.

    Raises:
        LocalProtocolError: It is out of range, or one of `voices`; the text names `field`.
    """
    if value in voices:
        raise LocalProtocolError(f"{field} is the payload type of a codec")
    if value is not None and not 0 <= value <= 127:
        raise LocalProtocolError(f"{field} {value} is not in 0..127")


def check_range(field: str, value: int | None, low: int, high: int) -> None:
    """Check a number, or None.

    Raises:
        LocalProtocolError: It is not in `low` to `high`; the text names `field`.
    """
    if value is not None and not low <= value <= high:
        raise LocalProtocolError(f"{field} is {value}, not in {low}..{high}")


def check_keys(send: SrtpConfig | None, receive: SrtpConfig | None) -> None:
    """Check the keys of both directions.

    Raises:
        LocalProtocolError: One direction has keys and the other has none, or both have the same.
    """
    if (send is None) != (receive is None):
        raise LocalProtocolError("srtp_send and srtp_receive: one without the other")
    if send is None or receive is None:
        return
    if {key.key_salt for key in send.keys} & {key.key_salt for key in receive.keys}:
        # Two sources with one SSRC under one key would give their key stream away (RFC 4568 §6.1).
        raise LocalProtocolError("srtp_receive has a key of srtp_send")
