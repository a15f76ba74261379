"""The table of a response context (RFC 3261 §16.7, §16.10)."""

from __future__ import annotations

from ..table import Rule, Table
from .context_actions import ContextActions
from .states import ContextInput as I
from .states import ContextState as S

__all__ = ["ContextTable"]

_T = ContextActions


class ContextTable(ContextActions):
    """When a response context does what."""

    __slots__ = ()

    table = Table(
        "response context of a proxy",
        {
            (S.ROUTING, I.ROUTED): Rule(S.OPEN),
            (S.ROUTING, I.CANCEL): Rule(S.STOPPED, (_T._note_cancelled,)),
            (S.OPEN, I.PROVISIONAL): Rule(S.OPEN, (_T._forward,)),
            (S.OPEN, I.SUCCESS): Rule(S.ANSWERED, (_T._forward, _T._stop)),
            (S.OPEN, I.FAILURE): Rule(S.OPEN, (_T._collect,)),
            (S.OPEN, I.GLOBAL_FAILURE): Rule(S.STOPPED, (_T._collect, _T._stop)),
            (S.OPEN, I.CANCEL): Rule(S.STOPPED, (_T._stop,)),
            (S.OPEN, I.EXHAUSTED): Rule(S.REFUSED, (_T._send_best,)),
            (S.STOPPED, I.PROVISIONAL): Rule(S.STOPPED, (_T._forward,)),
            # A 2xx that crosses the CANCEL wins, also over a 6xx of another branch.
            (S.STOPPED, I.SUCCESS): Rule(S.ANSWERED, (_T._forward, _T._stop)),
            (S.STOPPED, I.FAILURE): Rule(S.STOPPED, (_T._collect,)),
            (S.STOPPED, I.GLOBAL_FAILURE): Rule(S.STOPPED, (_T._collect,)),
            (S.STOPPED, I.EXHAUSTED): Rule(S.REFUSED, (_T._send_best,)),
            (S.ANSWERED, I.SUCCESS): Rule(S.ANSWERED, (_T._forward_again,)),
            (S.ANSWERED, I.GONE): Rule(S.TERMINATED, (_T._leave,)),
            (S.REFUSED, I.GONE): Rule(S.TERMINATED, (_T._leave,)),
        },
        ignored=frozenset(
            {(S.STOPPED, I.CANCEL), (S.STOPPED, I.ROUTED), (S.REFUSED, I.SUCCESS)}
            | {
                (state, what)
                for state in (S.ANSWERED, S.REFUSED)
                for what in (I.ROUTED, I.PROVISIONAL, I.FAILURE, I.GLOBAL_FAILURE, I.CANCEL, I.EXHAUSTED)
            }
        ),
        # ROUTING waits for the runtime; in the others each branch has its timers, and when the last of
        # them and the server transaction are gone, so is the context.
        user_owned=frozenset({S.ROUTING, S.OPEN, S.STOPPED, S.ANSWERED, S.REFUSED}),
        final=S.TERMINATED,
    )
