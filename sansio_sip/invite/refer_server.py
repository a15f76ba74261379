"""A REFER of the peer: our user decides, we report how it goes (RFC 3515 §2.4.2 to §2.4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..headers import refer_sub_of
from ..table import Rule, Table
from .refer_server_actions import ReferServerActions
from .refer_states import ReferServerInput as I
from .refer_states import ReferServerState as S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Request
    from ..transaction import TransactionKey

__all__ = ["REFER_SERVER_TABLE", "ReferServer"]

_T = ReferServerActions
_UNDECIDED = (S.RECEIVED, S.PENDING)
_SUBSCRIBED = (S.PENDING, S.ACTIVE)


class ReferServer(ReferServerActions):
    """A REFER of the peer; see `ReferServerActions` for the arguments."""

    __slots__ = ()

    def receive(self, now: float) -> None:
        """Begin to wait for the user's decision; it is 202 when none comes in time (§2.4.2).

        Raises:
            ParseError: Refer-Sub cannot be read.
        """
        self._clock(now)
        self.subscribed = refer_sub_of(self._request)
        patience = self._call.config.timers.timeout / 2
        self._arm_expiry(I.UNDECIDED if self.subscribed else I.UNDECIDED_SILENTLY, patience)

    def accept(self, now: float) -> None:
        """Accept it; the subscription begins unless the peer wants none. When it is over, no effect.

        Raises:
            LocalProtocolError: It was accepted already.
        """
        self._clock(now)
        if self.state is S.ACTIVE:
            raise LocalProtocolError("the REFER was accepted already")
        self._fire(I.ACCEPT if self.subscribed else I.ACCEPT_SILENTLY)

    def reject(
        self, status_code: int, now: float, reason: str = "", extra: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Refuse it, in the last NOTIFY when 202 was sent already. When it is over, no effect.

        Raises:
            LocalProtocolError: It was accepted already, or the status is none that refuses.
        """
        self._clock(now)
        if not 300 <= status_code <= 699:
            raise LocalProtocolError(f"{status_code} is no status that refuses a REFER")
        if self.state is S.ACTIVE:
            raise LocalProtocolError("the REFER was accepted already")
        self._say(status_code, reason, extra)
        self._fire(I.REJECT)

    def progress(
        self, status_code: int, now: float, reason: str = "", extra: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Report the status of the request that we sent; a final one ends the subscription (§2.4.5).

        When the peer wants no more reports, it has no effect.

        Raises:
            LocalProtocolError: The REFER was not accepted, or there is no such status.
        """
        self._clock(now)
        if not 100 <= status_code <= 699:
            raise LocalProtocolError(f"there is no status {status_code}")
        if self.state in _UNDECIDED:
            raise LocalProtocolError("the REFER was not accepted")
        self._say(status_code, reason, extra)
        self._fire(I.PROGRESS if status_code < 200 else I.FINISH)

    def _say(self, status_code: int, reason: str, extra: Iterable[tuple[str, str]]) -> None:
        if self.state is not S.OVER:
            self.status_code, self.reason, self._fields = status_code, reason, tuple(extra)

    def receive_subscribe(self, key: TransactionKey, request: Request, now: float) -> bool:
        """Take a SUBSCRIBE that refreshes or ends the subscription; False when there is none (§2.4.4)."""
        self._clock(now)
        if self.state not in _SUBSCRIBED:
            return False
        longest = self._call.config.refer.expires
        asked = request.expires
        expires = longest if asked is None else min(float(asked), longest)
        granted = (("Expires", str(int(expires))), *self._call.config.answer_fields)
        self._call.respond(key, request, 200, granted)
        self._expires = float(int(expires))
        self._fire(I.SUBSCRIBE if self._expires else I.UNSUBSCRIBE)
        return True

    def close(self, now: float) -> None:
        """Leave: the peer hears that we give up."""
        self._clock(now)
        self._fire(I.CLOSE)

    def call_over(self, now: float) -> None:
        """Take note that the call has ended; what the user has accepted goes on."""
        self._clock(now)
        self._fire(I.CALL_OVER)

    @property
    def over(self) -> bool:
        """Whether all has been said."""
        return self.state is S.OVER and self._queue.idle

    table = Table(
        "REFER, referee's side",
        {
            (S.RECEIVED, I.ACCEPT): Rule(S.ACTIVE, (_T._accept, _T._arm, _T._activate, _T._tell)),
            (S.RECEIVED, I.ACCEPT_SILENTLY): Rule(S.OVER, (_T._stop_timers, _T._accept_silently)),
            (S.RECEIVED, I.REJECT): Rule(S.OVER, (_T._refuse,)),
            (S.RECEIVED, I.UNDECIDED): Rule(S.PENDING, (_T._accept, _T._arm, _T._tell)),
            (S.RECEIVED, I.UNDECIDED_SILENTLY): Rule(S.OVER, (_T._accept_silently,)),
            (S.RECEIVED, I.CLOSE): Rule(S.OVER, (_T._refuse_over,)),
            (S.RECEIVED, I.CALL_OVER): Rule(S.OVER, (_T._refuse_over,)),
            (S.PENDING, I.ACCEPT): Rule(S.ACTIVE, (_T._activate, _T._tell)),
            (S.PENDING, I.REJECT): Rule(S.OVER, (_T._tell_rejection,)),
            (S.PENDING, I.SUBSCRIBE): Rule(S.PENDING, (_T._arm, _T._tell)),
            (S.PENDING, I.CALL_OVER): Rule(S.OVER, (_T._tell_leaving,)),
            (S.ACTIVE, I.PROGRESS): Rule(S.ACTIVE, (_T._tell,)),
            (S.ACTIVE, I.FINISH): Rule(S.OVER, (_T._tell_last,)),
            (S.ACTIVE, I.SUBSCRIBE): Rule(S.ACTIVE, (_T._arm, _T._tell)),
            **{(state, I.UNSUBSCRIBE): Rule(S.OVER, (_T._tell_timeout,)) for state in _SUBSCRIBED},
            **{(state, I.EXPIRED): Rule(S.OVER, (_T._tell_timeout,)) for state in _SUBSCRIBED},
            **{(state, I.GONE): Rule(S.OVER, (_T._stop_timers,)) for state in _SUBSCRIBED},
            **{(state, I.CLOSE): Rule(S.OVER, (_T._tell_leaving,)) for state in _SUBSCRIBED},
        },
        # The reports go on when the call has ended (RFC 5057 §4).
        ignored=frozenset({(S.ACTIVE, I.CALL_OVER)}),
        user_owned=frozenset(),
        final=S.OVER,
    )


REFER_SERVER_TABLE = ReferServer.table
