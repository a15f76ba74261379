"""The line for each event of a coordinator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from sansio_sip.sdp import is_voice
from trio_runtime.base.types import CallDirection, CallState
from trio_runtime.cli.printing.change_records import LATER, Told
from trio_runtime.cli.printing.conference_records import CONFERENCES
from trio_runtime.cli.printing.fault_records import FAULTS
from trio_runtime.cli.printing.output import Json, Record
from trio_runtime.cli.printing.queue_records import QUEUES
from trio_runtime.cli.printing.registrar_records import REGISTRAR
from trio_runtime.cli.printing.relation_records import RELATIONS
from trio_runtime.events import types as facts
from trio_runtime.session.endings import describe_end

__all__ = ["event_record"]


def event_record(event: facts.SessionEvent, at_s: float) -> Record | None:
    """Return the record of an event, ``None`` for one that another event says already.

    Args:
        event: What happened.
        at_s: Seconds since the program began.
    """
    told = _TELLERS[type(event)](event)
    if told is None:
        return None
    name, words, values = told
    session = getattr(event, "session_id", None)
    who = f"{session}  " if session else ""
    call: dict[str, Json] = {"call": session} if session else {}
    return Record(name, f"{at_s:9.3f}  {who}{words}", {"time": round(at_s, 6), **call, **values})


def _created(event: facts.SessionCreated) -> Told | None:
    if event.direction is CallDirection.INCOMING:
        return None  # `IncomingCallReceived` follows and says more
    return "calling", f"calling {event.remote}", {"remote": event.remote}


def _incoming(event: facts.IncomingCallReceived) -> Told:
    values: dict[str, Json] = {"remote": event.remote, "called": event.called}
    return "incoming", f"call from {event.remote} to {event.called}", values


def _state(event: facts.CallStateChanged) -> Told | None:
    return ("ringing", "ringing", {}) if event.new is CallState.RINGING else None


def _answered(_: facts.CallAnswered) -> Told:
    return "answered", "answered", {}


def _media(event: facts.MediaChanged) -> Told:
    media = event.media
    if media is None:
        return "media", "no audio", {"codec": None, "early": event.early}
    codec = next(item.name for item in media.formats if is_voice(item))
    remote = f"{media.remote_address}:{media.remote_port}"
    early = "early " if event.early else ""
    values: dict[str, Json] = {
        "codec": codec,
        "direction": media.direction.value,
        "remote": remote,
        "early": event.early,
    }
    return "media", f"{early}audio: {codec}, {media.direction.value}, with {remote}", values


def _digit(event: facts.DigitReceived) -> Told:
    held = f" for {event.duration_ms:.0f} ms" if event.duration_ms else ""
    values: dict[str, Json] = {
        "digit": event.digit,
        "duration_ms": event.duration_ms,
        "source": event.source,
    }
    return "digit", f"key {event.digit}{held} ({event.source})", values


def _info(event: facts.InfoReceived) -> Told:
    size = len(event.body)
    return "info", f"INFO {event.content_type}, {size} octets", {"type": event.content_type, "octets": size}


def _ended(event: facts.CallTerminated) -> Told:
    reason = describe_end(event.end)
    lasted = f" after {event.duration_s:.1f} s" if event.duration_s else ""
    values: dict[str, Json] = {
        "end": type(event.end).__name__,
        "reason": reason,
        "duration_s": round(event.duration_s, 3),
    }
    for name in ("status_code", "cause"):
        if hasattr(event.end, name):
            values[name] = getattr(event.end, name)
    return "ended", f"ended{lasted}: {reason}", values


def _quality(event: facts.QualityAlert) -> Told:
    values: dict[str, Json] = {
        "direction": event.direction,
        "level": event.level,
        "before": event.before,
        "mos": round(event.mos, 3),
    }
    return "quality", f"{event.direction} audio is {event.level} now, MOS {event.mos:.2f}", values


def _failed(name: str, what: str) -> Callable[[facts.HandlerFailed | facts.MediaFailed], Told]:
    return lambda event: (name, f"{what}: {event.error}", {"error": event.error})


def _malformed(event: facts.MessageMalformed) -> Told:
    values: dict[str, Json] = attrs.asdict(event)
    return "malformed", f"malformed message from {event.host}:{event.port}: {event.error}", values


_TELLERS: dict[type[object], Callable[[Any], Told | None]] = {
    facts.SessionCreated: _created,
    facts.IncomingCallReceived: _incoming,
    facts.CallStateChanged: _state,
    facts.CallAnswered: _answered,
    facts.MediaChanged: _media,
    facts.DigitReceived: _digit,
    facts.InfoReceived: _info,
    facts.CallTerminated: _ended,
    facts.HandlerFailed: _failed("handler_failed", "the handler failed"),
    facts.MediaFailed: _failed("media_failed", "the audio failed"),
    facts.QualityAlert: _quality,
    facts.MessageMalformed: _malformed,
    **LATER,
    **CONFERENCES,
    **RELATIONS,
    **FAULTS,
    **QUEUES,
    **REGISTRAR,
}
