"""What is written into a capture file, and how much of it."""

from __future__ import annotations

from os import PathLike
from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between, flag

__all__ = ["CaptureConfig"]


def _path(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str | PathLike) or not str(value):
        raise ConfigurationError(f"must be the name of a file, not {value!r}", field=attribute.name)


@attrs.frozen(kw_only=True)
class CaptureConfig:
    """A pcapng file of what passes the sockets, which Wireshark reads.

    Attributes:
        path: The file; one that is there is written anew.
        media: Whether RTP and RTCP are written as well as SIP.
        decrypt: Whether SRTP is written, and described, in the clear: whoever has the file hears the calls.
        redact: Whether credentials, keys and passwords are masked, octet by octet, so that lengths stay.
        max_waiting: Datagrams that may wait for the disk; what comes beyond is counted and not written.
    """

    path: str | PathLike[str] = attrs.field(validator=_path)
    media: bool = attrs.field(default=False, validator=flag)
    decrypt: bool = attrs.field(default=False, validator=flag)
    redact: bool = attrs.field(default=True, validator=flag)
    max_waiting: int = attrs.field(default=50_000, validator=between(1))
