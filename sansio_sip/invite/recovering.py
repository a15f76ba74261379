"""What a failed request means for the dialog that it was sent in (RFC 3261 §12.2.1.2, DLG-7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from .recovery import DialogRecovery
from .recovery_config import RecoveryConfig
from .recovery_table import end_of

if TYPE_CHECKING:
    from ..message import Response
    from .call_base import CallBase

__all__ = ["check_peer", "request_failed"]


def _recovery_of(call: CallBase, config: RecoveryConfig) -> DialogRecovery:
    recovery = call.concern(DialogRecovery)
    if recovery is None:
        if call.dialog is None:
            raise LocalProtocolError(f"a call in {call.state.name} has no dialog")
        recovery = DialogRecovery(call, call.dialog, config, call.now)
        call.add_concern(recovery)
    return recovery


def request_failed(
    call: CallBase, status_code: int, reason: str, response: Response | None, now: float
) -> bool:
    """Take the failure of a request of ours in the dialog; return whether the call has ended with it.

    481 and silence end the call, unless the configuration lets the peer be asked first.

    Args:
        call: The call.
        status_code: Status; 408 for no answer, 503 without response when it could not be sent.
        reason: The phrase, or what happened.
        response: The response, where there was one.
        now: Current time in seconds.
    """
    config = call.config.recovery
    unsent = status_code == 503 and response is None
    if status_code not in (408, 481) and not unsent:
        return False
    if config is not None:
        _recovery_of(call, config).trouble(status_code, reason, response, now)
    elif not unsent:
        call.lose(end_of(status_code, reason, response))
    return call.over


def check_peer(call: CallBase) -> None:
    """Ask the peer whether it is there (DLG-8).

    Raises:
        LocalProtocolError: There is no dialog, or the call is over.
    """
    if call.over:
        raise LocalProtocolError(f"a call in {call.state.name} has no peer to ask")
    _recovery_of(call, call.config.recovery or RecoveryConfig()).check(call.now)
