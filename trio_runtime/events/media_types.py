"""What a coordinator publishes of the media of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.sdp import NegotiatedMedia
    from trio_runtime.base.types import SessionId

__all__ = ["DigitReceived", "MediaChanged", "MediaFailed", "QualityAlert"]


@attrs.frozen
class MediaChanged:
    """Audio was agreed on, or that there is none.

    Attributes:
        session_id: The call.
        media: What was agreed, ``None`` for no audio.
        early: Whether the call is not answered yet.
    """

    session_id: SessionId
    media: NegotiatedMedia | None
    early: bool


@attrs.frozen
class DigitReceived:
    """The peer pressed a key.

    Attributes:
        session_id: The call.
        digit: One of ``0-9 * # A-D``.
        duration_ms: How long it was held, in milliseconds; 0 where the source does not say.
        source: ``rfc4733``, ``inband`` or ``info``: the way by which it came first.
    """

    session_id: SessionId
    digit: str
    duration_ms: float
    source: str


@attrs.frozen
class MediaFailed:
    """The audio of one call failed; the call goes on without it.

    Attributes:
        session_id: The call.
        error: What happened.
    """

    session_id: SessionId
    error: str


@attrs.frozen
class QualityAlert:
    """One direction of a call sounds worse now, or better again; that it begins well is not told.

    Attributes:
        session_id: The call.
        direction: ``received`` for what we hear, ``sent`` for what the peer hears, as it reports.
        level: ``good`` (MOS from 4), ``fair`` (from 3), ``poor`` (from 2) or ``critical``.
        before: What it was; None for the first.
        mos: The mean opinion score that it has.
    """

    session_id: SessionId
    direction: str
    level: str
    before: str | None
    mos: float
