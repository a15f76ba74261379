"""What is told of each call when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.types import SessionId

__all__ = ["Attempt", "B2buaEvent", "CallRecord", "CallRouteFailed", "RecordsLost"]


@attrs.frozen
class Attempt:
    """One target that was tried.

    Attributes:
        uri: Who was called.
        status_code: 200 when it answered; else the status that it refused with, or one that stands for what
            happened: 408 nobody answered, 487 it was given up, 503 it could not be reached.
        reason: The phrase that came with a refusal, empty otherwise.
    """

    uri: str
    status_code: int
    reason: str = ""


@attrs.frozen(kw_only=True)
class CallRecord:
    """One call that went through, or tried to.

    Attributes:
        session_id: The call that came in.
        call_id: Its Call-ID.
        caller: URI of who called, as it says itself.
        called: The URI that was called.
        target: The URI that answered; empty when none did.
        attempts: What was tried, in the order in which it ended.
        status_code: 200, or what the caller was refused with; 487 when it gave up.
        began_at: Wall time in seconds since 1970.
        answered_at: The same for the answer; None without one.
        duration_s: Seconds of talk.
        ended_by: Whose call ended first: ``caller``, ``callee``, or ``us`` where the server was left or
            nobody was found.
        end: How that call ended; None where we ended it.
        transfers: How often one side was connected with somebody else.
    """

    session_id: SessionId
    call_id: str
    caller: str
    called: str
    target: str
    attempts: tuple[Attempt, ...]
    status_code: int
    began_at: float
    answered_at: float | None
    duration_s: float
    ended_by: Literal["caller", "callee", "us"]
    end: CallEnd | None
    transfers: int


@attrs.frozen
class CallRouteFailed:
    """The routing function raised, took too long, or gave what is no route; the call got 500, others live.

    Attributes:
        session_id: The call.
        error: What happened.
    """

    session_id: SessionId
    error: Exception


@attrs.frozen
class RecordsLost:
    """A subscriber was too slow.

    Attributes:
        count: How many events it has lost here.
    """

    count: int


B2buaEvent: TypeAlias = CallRecord | CallRouteFailed | RecordsLost
