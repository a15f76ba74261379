"""What two sides agreed on as plain values that can be stored as JSON, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..dialog import SnapshotReader
from ..errors import LocalProtocolError, ParseError
from ..sdp import Direction, LocalMedia, MediaFormat, NegotiatedMedia, SrtpPolicy, build_sdp, parse_sdp
from .agreement import Agreement
from .snapshot_srtp import attributes_of, crypto_of, keys_of, keys_to_dict

if TYPE_CHECKING:
    from ..dialog import Snapshot
    from ..sdp import SessionDescription

__all__ = ["agreement_from_dict", "agreement_to_dict"]


def _format_to_dict(item: MediaFormat) -> Snapshot:
    return {
        "name": item.name,
        "clock_rate": item.clock_rate,
        "payload_type": item.payload_type,
        "channels": item.channels,
        "fmtp": item.fmtp,
    }


def _media_to_dict(media: LocalMedia | NegotiatedMedia | None) -> Snapshot | None:
    if media is None:
        return None
    values: Snapshot = {}
    for field in attrs.fields(type(media)):
        value = getattr(media, field.name)
        values[field.name] = value.value if isinstance(value, Direction | SrtpPolicy) else value
    values["formats"] = [_format_to_dict(item) for item in media.formats]
    if isinstance(media, NegotiatedMedia):
        values["receive_formats"] = [_format_to_dict(item) for item in media.receive_formats]
        values["srtp"] = keys_to_dict(media.srtp)
    else:
        values["crypto"] = [line.value for line in media.crypto]
        values["attributes"] = [{"name": name, "value": value} for name, value in media.attributes]
    return values


def _text(description: SessionDescription) -> str:
    return build_sdp(description).decode("utf-8", "surrogateescape")


def agreement_to_dict(agreement: Agreement | None) -> Snapshot | None:
    """Return an agreement as plain values, ``None`` for none."""
    if agreement is None:
        return None
    return {
        "own": _text(agreement.own),
        "remote": _text(agreement.remote),
        "local": _media_to_dict(agreement.local),
        "media": _media_to_dict(agreement.media),
    }


def _formats(read: SnapshotReader, key: str) -> tuple[MediaFormat, ...]:
    return tuple(
        MediaFormat(
            item.text("name"),
            item.number("clock_rate"),
            item.number("payload_type"),
            item.number("channels"),
            item.text("fmtp") if item.has("fmtp") else None,
        )
        for item in read.parts(key)
    )


def _local(read: SnapshotReader) -> LocalMedia:
    return LocalMedia(
        address=read.text("address"),
        port=read.number("port"),
        formats=_formats(read, "formats"),
        ptime=read.number("ptime"),
        direction=Direction(read.text("direction")),
        rtcp_mux=read.flag("rtcp_mux"),
        srtp=SrtpPolicy(read.text("srtp")) if read.knows("srtp") else SrtpPolicy.OFF,
        crypto=crypto_of(read),
        bandwidth=read.number("bandwidth") if read.knows("bandwidth") else None,
        attributes=attributes_of(read),
        any_interface=read.flag("any_interface") if read.knows("any_interface") else False,
    )


def _optional_number(read: SnapshotReader, key: str) -> int | None:
    return read.number(key) if read.has(key) else None


def _negotiated(read: SnapshotReader) -> NegotiatedMedia:
    return NegotiatedMedia(
        local_address=read.text("local_address"),
        local_port=read.number("local_port"),
        remote_address=read.text("remote_address"),
        remote_port=read.number("remote_port"),
        remote_rtcp_address=read.text("remote_rtcp_address"),
        remote_rtcp_port=read.number("remote_rtcp_port"),
        rtcp_mux=read.flag("rtcp_mux"),
        formats=_formats(read, "formats"),
        receive_formats=_formats(read, "receive_formats"),
        dtmf_payload_type=_optional_number(read, "dtmf_payload_type"),
        dtmf_receive_payload_type=_optional_number(read, "dtmf_receive_payload_type"),
        ptime=read.number("ptime"),
        direction=Direction(read.text("direction")),
        srtp=keys_of(read.part("srtp")) if read.knows("srtp") else None,
    )


def agreement_from_dict(read: SnapshotReader) -> Agreement:
    """Make an agreement again.

    Raises:
        LocalProtocolError: The values are none.
    """
    try:
        return Agreement(
            parse_sdp(read.text("own").encode("utf-8", "surrogateescape")),
            parse_sdp(read.text("remote").encode("utf-8", "surrogateescape")),
            _local(read.part("local")) if read.has("local") else None,
            _negotiated(read.part("media")) if read.has("media") else None,
        )
    except (ParseError, ValueError) as error:
        raise LocalProtocolError(f"the snapshot has damaged media: {error}") from error
