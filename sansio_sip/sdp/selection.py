"""Which formats of two sides go together (RFC 3264 §6.1)."""

from __future__ import annotations

import functools
from typing import NamedTuple

import attrs

from .formats import MediaFormat, find_dtmf, is_voice

__all__ = ["Selection", "select_formats"]


class Selection(NamedTuple):
    """The formats of one stream.

    Attributes:
        send: What we may send, most preferred first, under the peer's payload types.
        receive: What the peer may send.
        send_dtmf: Payload type of the events that we send, or None.
        receive_dtmf: Payload type of the events that we receive, or None.
    """

    send: tuple[MediaFormat, ...]
    receive: tuple[MediaFormat, ...]
    send_dtmf: int | None
    receive_dtmf: int | None

    def with_receive(self, receive: tuple[MediaFormat, ...]) -> Selection:
        """Give a copy for a side that may be sent all that it offered."""
        return Selection(self.send, receive, self.send_dtmf, find_dtmf(receive))


# Phones of one make bring the same formats; few are kept, because a peer's list may be long.
@functools.lru_cache(maxsize=64)
def select_formats(theirs: tuple[MediaFormat, ...], ours: tuple[MediaFormat, ...]) -> Selection | None:
    """Pair the peer's formats with ours, in the peer's order, each codec once; None without a voice codec."""
    known = {item.codec: item for item in reversed(ours)}
    send: list[MediaFormat] = []
    receive: list[MediaFormat] = []
    for item in theirs:
        own = known.pop(item.codec, None)
        if own is not None:
            send.append(item)
            # The offer's payload types in the answer too; parameters are ours where we have any.
            receive.append(item if own.fmtp is None else attrs.evolve(item, fmtp=own.fmtp))
    if not any(is_voice(item) for item in send):
        return None
    return Selection(tuple(send), tuple(receive), find_dtmf(send), find_dtmf(receive))
