"""Whose media goes where, as the descriptions in a capture say."""

from __future__ import annotations

import re
from typing import NamedTuple

from sansio_sip.sdp import MediaFormat, SdpError, media_formats, parse_sdp
from trio_runtime.base.types import Address

__all__ = ["MediaDirectory", "MediaPlace"]

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_BEGIN = re.compile(rb"^v=0\r?\n", re.MULTILINE)
_END = re.compile(rb"^--", re.MULTILINE)
_MAX_PLACES = 100_000


class MediaPlace(NamedTuple):
    """An address at which somebody receives.

    Attributes:
        call_id: Call-ID of the message that said so.
        formats: What its payload types mean.
    """

    call_id: str
    formats: dict[int, MediaFormat]


class MediaDirectory:
    """Remembers what was described last for each address.

    Attributes:
        dropped: Addresses that were forgotten because there are too many.
    """

    def __init__(self) -> None:
        self._places: dict[Address, MediaPlace] = {}
        self.dropped = 0

    def learn(self, call_id: str, message: bytes) -> None:
        """Take the description in a message, if there is one that can be read."""
        blank = _BLANK_LINE.search(message)
        begin = _BEGIN.search(message, blank.end()) if blank else None
        if begin is None:
            return
        body = message[begin.start() :]
        end = _END.search(body)  # of a part among several
        try:
            description = parse_sdp(body[: end.start()] if end else body)
        except SdpError:
            return
        for media in description.media:
            connection = description.connection_of(media)
            if connection is None or not media.port:
                continue
            formats = {found.payload_type: found for found in media_formats(media)}
            self._keep((connection.host, media.port), MediaPlace(call_id, formats))

    def find(self, address: Address) -> MediaPlace | None:
        """Return what was said of an address."""
        return self._places.get(address)

    def _keep(self, address: Address, place: MediaPlace) -> None:
        self._places.pop(address, None)
        while len(self._places) >= _MAX_PLACES:
            del self._places[next(iter(self._places))]
            self.dropped += 1
        self._places[address] = place
