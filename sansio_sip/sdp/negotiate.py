"""Offer and answer for one audio stream, as functions (RFC 3264)."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from .answerable import answerable
from .audio_line import agreed_media, describe, is_usable_audio, own_line, peer_direction, rejected_line
from .errors import NegotiationError
from .formats import MediaFormat, media_formats
from .keying import SECURE_PROTOCOLS, AcceptedKeys, SrtpPolicy, answered_keys, offered_protocol
from .media import LocalMedia, NegotiatedMedia
from .model import Connection, MediaDescription, Origin, SessionDescription
from .selection import Selection, select_formats

__all__ = ["apply_answer", "decline_offer", "make_answer", "make_offer"]

_NOWHERE = "0.0.0.0"


def make_offer(
    local: LocalMedia, *, session_id: int, version: int, previous: SessionDescription | None = None
) -> SessionDescription:
    """Make an offer of one audio stream (RFC 3264 §5).

    Args:
        local: Our side.
        session_id: Number of the session; the same in every description of ours.
        version: One more than in the description before.
        previous: The last description that we sent in this session. Its lines keep their places
            (§8), and a codec keeps the payload type it had (§8.3.2).
    """
    if previous is None or not previous.media:
        return describe(local, session_id, version, [_offer_line(local, local.formats)])
    lines = [rejected_line(line) for line in previous.media]
    slot = next((i for i, line in enumerate(previous.media) if line.media == "audio" and line.port), None)
    if slot is None:
        lines.append(_offer_line(local, local.formats))
    else:
        kept = media_formats(previous.media[slot])
        formats = _with_known_numbers(local.formats, kept)
        lines[slot] = _offer_line(local, formats, previous.media[slot].protocol)
    return describe(local, session_id, version, lines)


def _offer_line(local: LocalMedia, formats: Iterable[MediaFormat], before: str = "") -> MediaDescription:
    protocol = offered_protocol(local.srtp, before) if local.crypto else "RTP/AVP"
    return own_line(
        local,
        tuple(formats),
        local.direction,
        protocol=protocol,
        rtcp_mux=local.rtcp_mux,
        crypto=local.crypto,
    )


def _with_known_numbers(formats: tuple[MediaFormat, ...], kept: tuple[MediaFormat, ...]) -> list[MediaFormat]:
    known = {item.codec: item.payload_type for item in kept}
    taken = set(known.values())
    result: list[MediaFormat] = []
    for item in formats:
        number = known.get(item.codec, item.payload_type)
        if item.codec not in known and number in taken:
            number = next((free for free in range(96, 128) if free not in taken), number)
        taken.add(number)
        result.append(attrs.evolve(item, payload_type=number))
    return result


def make_answer(
    offer: SessionDescription, local: LocalMedia, *, session_id: int, version: int
) -> tuple[SessionDescription, NegotiatedMedia]:
    """Answer an offer with the first audio stream that has a codec of ours (RFC 3264 §6).

    The answer has as many lines as the offer, the others with port 0; formats stand in the order and
    under the payload types of the offer. A stream that can be SRTP goes before a plain one where we have
    keys.

    Args:
        offer: The peer's description.
        local: Our side.
        session_id: Number of the session; the same in every description of ours.
        version: One more than in the description before.

    Raises:
        NegotiationError: No stream can be accepted; 488 is the answer.
    """
    for index, keys in answerable(offer, local.crypto, local.srtp):
        selection = select_formats(media_formats(offer.media[index]), local.formats)
        if selection is not None:
            return _accept(offer, index, selection, local, session_id, version, keys)
    protected = " with SRTP" if local.srtp is SrtpPolicy.REQUIRED else ""
    raise NegotiationError(f"the offer has no audio stream{protected} with a codec of ours")


def _accept(
    offer: SessionDescription,
    index: int,
    selection: Selection,
    local: LocalMedia,
    session_id: int,
    version: int,
    keys: AcceptedKeys | None,
) -> tuple[SessionDescription, NegotiatedMedia]:
    offered = offer.media[index]
    direction = local.direction.limited_to(peer_direction(offer, offered))
    rtcp_mux = local.rtcp_mux and offered.rtcp_mux
    crypto, srtp = ((), None) if keys is None else ((keys.line,), keys.keys)
    own = own_line(
        local, selection.receive, direction, protocol=offered.protocol, rtcp_mux=rtcp_mux, crypto=crypto
    )
    lines = [own if at == index else rejected_line(line) for at, line in enumerate(offer.media)]
    answer = describe(local, session_id, version, lines, offer.times)
    media = agreed_media(local, offer, offered, selection, direction=direction, rtcp_mux=rtcp_mux, srtp=srtp)
    return answer, media


def decline_offer(offer: SessionDescription, *, session_id: int, version: int) -> SessionDescription:
    """Answer an offer with every stream refused, where no status code can refuse it (RFC 6337 §2.3).

    Args:
        offer: The peer's description.
        session_id: Number of the session; the same in every description of ours.
        version: One more than in the description before.
    """
    origin = Origin("-", session_id, version, _NOWHERE)
    lines = tuple([rejected_line(line) for line in offer.media])
    return SessionDescription(origin, "-", Connection(_NOWHERE), offer.times, (), lines)


def apply_answer(offer: SessionDescription, answer: SessionDescription, local: LocalMedia) -> NegotiatedMedia:
    """Read the peer's answer to our offer (RFC 3264 §7).

    Args:
        offer: The offer that we sent.
        answer: The peer's description.
        local: Our side, as it went into the offer.

    Raises:
        NegotiationError: The answer has another number of lines, another kind of stream, no format
            of the offer, not the keys it needs, or it rejects the stream.
    """
    if len(answer.media) != len(offer.media):
        raise NegotiationError(f"{len(answer.media)} lines answer {len(offer.media)}")
    index = next((i for i, line in enumerate(offer.media) if line.media == "audio" and line.port), None)
    if index is None:
        raise NegotiationError("the offer has no audio stream")
    offered, answered = offer.media[index], answer.media[index]
    if answered.port == 0:
        raise NegotiationError("the peer rejects the audio stream")
    if not is_usable_audio(answer, answered):
        raise NegotiationError("the answer is not audio over RTP to one address")
    secure = local.crypto or answered.protocol in SECURE_PROTOCOLS
    srtp = answered_keys(offered, answered, local.srtp) if secure else None
    receive = media_formats(offered)
    # Formats that we did not offer may stand in an answer (§6.1); we just never send them.
    selection = select_formats(media_formats(answered), receive)
    if selection is None:
        raise NegotiationError("the answer has no codec of the offer")
    return agreed_media(
        local,
        answer,
        answered,
        selection.with_receive(receive),
        direction=offer.direction_of(offered).limited_to(peer_direction(answer, answered)),
        rtcp_mux=offered.rtcp_mux and answered.rtcp_mux,
        srtp=srtp,
    )
