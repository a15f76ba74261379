"""The table of a registration, client's side (RFC 3261 §10.2, RFC 5626 §4)."""

from __future__ import annotations

from ..table import Rule, Table
from .client_actions import RegistrationActions
from .states import RegistrationInput as I
from .states import RegistrationState as S

__all__ = ["REGISTRATION_TABLE", "RegistrationTable"]

_T = RegistrationActions
# A REGISTER is open in these; its transaction has a timer that ends it, so they need none.
_OPEN = frozenset({S.REGISTERING, S.REFRESHING, S.LEAVING, S.UNREGISTERING})
_QUIET = frozenset({S.IDLE, S.REGISTERED, S.RETRYING, S.WAITING, S.FAILED})
_ANSWERS = (I.SUCCESS, I.AGAIN, I.FAILURE, I.REFUSED)


class RegistrationTable(RegistrationActions):
    """When a registration does what."""

    __slots__ = ()

    table = Table(
        "registration",
        {
            (S.IDLE, I.REGISTER): Rule(S.REGISTERING, (_T._send_first,)),
            (S.IDLE, I.UNREGISTER): Rule(S.TERMINATED, (_T._report_never,)),
            (S.REGISTERING, I.SUCCESS): Rule(S.REGISTERED, (_T._take_grant,)),
            (S.REGISTERING, I.AGAIN): Rule(S.REGISTERING, (_T._send_again,)),
            (S.REGISTERING, I.FAILURE): Rule(S.WAITING, (_T._wait,)),
            (S.REGISTERING, I.REFUSED): Rule(S.FAILED, (_T._give_up,)),
            # No other REGISTER may be sent before this one has its answer (§10.2).
            (S.REGISTERING, I.UNREGISTER): Rule(S.LEAVING, (_T._stop_timers,)),
            (S.REGISTERED, I.TRY_TIMER): Rule(S.REFRESHING, (_T._send_first,)),
            (S.REGISTERED, I.REGISTER): Rule(S.REFRESHING, (_T._send_first,)),
            (S.REGISTERED, I.FLOW_FAILED): Rule(S.REFRESHING, (_T._send_first,)),
            (S.REGISTERED, I.BINDING_EXPIRED): Rule(S.REGISTERING, (_T._report_expired, _T._send_first)),
            (S.REGISTERED, I.UNREGISTER): Rule(S.UNREGISTERING, (_T._send_removal,)),
            (S.REFRESHING, I.SUCCESS): Rule(S.REGISTERED, (_T._take_grant,)),
            (S.REFRESHING, I.AGAIN): Rule(S.REFRESHING, (_T._send_again,)),
            (S.REFRESHING, I.FAILURE): Rule(S.RETRYING, (_T._wait,)),
            (S.REFRESHING, I.REFUSED): Rule(S.FAILED, (_T._give_up,)),
            (S.REFRESHING, I.BINDING_EXPIRED): Rule(S.REGISTERING, (_T._report_expired,)),
            (S.REFRESHING, I.UNREGISTER): Rule(S.LEAVING, (_T._stop_timers,)),
            (S.RETRYING, I.TRY_TIMER): Rule(S.REFRESHING, (_T._send_first,)),
            (S.RETRYING, I.REGISTER): Rule(S.REFRESHING, (_T._send_first,)),
            (S.RETRYING, I.BINDING_EXPIRED): Rule(S.WAITING, (_T._report_expired,)),
            (S.RETRYING, I.UNREGISTER): Rule(S.UNREGISTERING, (_T._send_removal,)),
            (S.WAITING, I.TRY_TIMER): Rule(S.REGISTERING, (_T._send_first,)),
            (S.WAITING, I.REGISTER): Rule(S.REGISTERING, (_T._send_first,)),
            (S.WAITING, I.UNREGISTER): Rule(S.TERMINATED, (_T._report_never,)),
            (S.FAILED, I.REGISTER): Rule(S.REGISTERING, (_T._send_first,)),
            (S.FAILED, I.UNREGISTER): Rule(S.TERMINATED, (_T._report_never,)),
            (S.LEAVING, I.SUCCESS): Rule(S.UNREGISTERING, (_T._send_removal,)),
            (S.LEAVING, I.AGAIN): Rule(S.UNREGISTERING, (_T._send_removal,)),
            (S.LEAVING, I.FAILURE): Rule(S.TERMINATED, (_T._report_unconfirmed,)),
            (S.LEAVING, I.REFUSED): Rule(S.TERMINATED, (_T._report_unconfirmed,)),
            (S.UNREGISTERING, I.SUCCESS): Rule(S.TERMINATED, (_T._report_removed,)),
            (S.UNREGISTERING, I.AGAIN): Rule(S.UNREGISTERING, (_T._send_again,)),
            (S.UNREGISTERING, I.FAILURE): Rule(S.TERMINATED, (_T._report_unconfirmed,)),
            (S.UNREGISTERING, I.REFUSED): Rule(S.TERMINATED, (_T._report_unconfirmed,)),
        },
        # The answer to an earlier request of a try, and the loss of a flow that is being replaced.
        ignored=frozenset(
            {
                *((state, what) for state in _QUIET for what in _ANSWERS),
                *((state, I.FLOW_FAILED) for state in (_OPEN | _QUIET) - {S.REGISTERED}),
                (S.LEAVING, I.UNREGISTER),
                (S.UNREGISTERING, I.UNREGISTER),
            }
        ),
        user_owned=frozenset({S.IDLE, S.REGISTERING, S.FAILED, S.LEAVING, S.UNREGISTERING}),
        final=S.TERMINATED,
    )


REGISTRATION_TABLE = RegistrationTable.table
"""The client's table, for diagrams and tests."""
