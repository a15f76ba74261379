"""The record of a call, from what is known of it in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sansio_sip.invite import Cancelled, RemoteBye
from trio_runtime.b2bua.records import CallRecord
from trio_runtime.bridge import refusal_of

if TYPE_CHECKING:
    from trio_runtime.b2bua.reached import Reached
    from trio_runtime.b2bua.talk import Talk
    from trio_runtime.bridge import BridgeEnd
    from trio_runtime.session import IncomingCall

__all__ = ["record_of"]


def record_of(
    call: IncomingCall, reached: Reached, talk: Talk | None, ended: BridgeEnd | None, epoch: float
) -> CallRecord:
    """Return what is told of a call.

    Args:
        call: The call that came in.
        reached: What was tried for it.
        talk: What came of it, None when nobody answered.
        ended: Which side ended first; None when the server was left, or nobody answered.
        epoch: Wall time at the beginning of the coordinator's clock.
    """
    answered = reached.leg is not None
    end = call.end if ended is None else ended.end
    return CallRecord(
        session_id=call.id,
        call_id=call.sip_call_id,
        caller=call.remote_uri,
        called=call.called_uri,
        target=next((each.uri for each in reached.attempts if answered and each.status_code == 200), ""),
        attempts=tuple(reached.attempts),
        status_code=200 if answered else _refused_with(call),
        began_at=epoch + call.created_at,
        answered_at=None if call.answered_at is None else epoch + call.answered_at,
        duration_s=call.duration_s,
        ended_by=_ended_by(call, talk, ended),
        end=end,
        transfers=0 if talk is None else talk.transferred,
    )


def _refused_with(call: IncomingCall) -> int:
    return 487 if call.end is None else refusal_of(call.end)[0]


def _ended_by(
    call: IncomingCall, talk: Talk | None, ended: BridgeEnd | None
) -> Literal["caller", "callee", "us"]:
    if talk is not None and ended is not None:
        return "callee" if ended.call is talk.far else "caller"
    return "caller" if isinstance(call.end, Cancelled | RemoteBye) else "us"
