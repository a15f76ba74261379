"""Keys and added attributes of a stream as plain values, and back; older snapshots have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sdp import SrtpKeys, parse_crypto, parse_inline

if TYPE_CHECKING:
    from ..dialog import Snapshot, SnapshotReader
    from ..sdp import Attributes, CryptoAttribute

__all__ = ["attributes_of", "crypto_of", "keys_of", "keys_to_dict"]


def keys_to_dict(keys: SrtpKeys | None) -> Snapshot | None:
    """Return keys as plain values; whoever stores them has to keep them as secret as a password."""
    if keys is None:
        return None
    return {"suite": keys.suite, "send": str(keys.send), "receive": str(keys.receive)}


def keys_of(read: SnapshotReader) -> SrtpKeys:
    """Make keys again.

    Raises:
        SdpError: One is damaged.
    """
    send, receive = (parse_inline(read.text(side)) for side in ("send", "receive"))
    return SrtpKeys(read.text("suite"), send, receive)


def crypto_of(read: SnapshotReader) -> tuple[CryptoAttribute, ...]:
    """Make our lines of keys again.

    Raises:
        SdpError: One is damaged.
    """
    return tuple([parse_crypto(text) for text in read.texts("crypto")]) if read.knows("crypto") else ()


def attributes_of(read: SnapshotReader) -> Attributes:
    """Make added attributes again."""
    if not read.knows("attributes"):
        return ()
    return tuple(
        [
            (item.text("name"), item.text("value") if item.has("value") else None)
            for item in read.parts("attributes")
        ]
    )
