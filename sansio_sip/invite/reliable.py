"""Reliable provisional responses of a callee: sent, repeated, acknowledged by PRACK (RFC 3262 §3)."""

from __future__ import annotations

from collections import deque
from enum import IntEnum, unique
from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..headers import RAck
from ..table import Rule, Table, TableMachine
from .ends import TimedOut

if TYPE_CHECKING:
    from ..message import Message, Request, Response
    from ..transaction import TransactionKey
    from .call_base import CallBase

__all__ = ["RELIABLE_TABLE", "ReliableInput", "ReliableResponses", "ReliableState"]

_MAX_WAITING = 16
_MAX_FIRST = 2**31 - 1


@unique
class ReliableState(IntEnum):
    """Where the reliable responses of one INVITE stand.

    LINGERING is after the final response, while a PRACK may still come.
    """

    IDLE = 0
    WAITING = 1
    LINGERING = 2
    OVER = 3


@unique
class ReliableInput(IntEnum):
    """What can happen to them."""

    SEND = 0
    PRACK = 1
    FINAL = 2
    REPEAT_DUE = 3
    EXPIRED = 4


class ReliableResponses(TableMachine[ReliableState, ReliableInput]):
    """The reliable provisional responses of one INVITE, one at a time; the next waits for PRACK.

    Args:
        call: The call.
        key: The INVITE's server transaction.
        invite: The INVITE.
        now: Current time in seconds.
    """

    __slots__ = ("_call", "_current", "_interval", "_invite", "_key", "_number", "_waiting")

    _current: Response  # meaningful while one waits for its PRACK

    def __init__(self, call: CallBase, key: TransactionKey, invite: Request, now: float) -> None:
        super().__init__(ReliableState.IDLE, now)
        self._call = call
        self._key = key
        self._invite = invite
        self._number = int(call.ids.uniform(1, _MAX_FIRST)) - 1
        self._waiting: deque[Response] = deque()
        self._interval = 0.0

    @property
    def describes(self) -> bool:
        """Whether a response that is not acknowledged has a description; a 2xx has to wait (§5)."""
        return self.busy and any(response.body for response in (self._current, *self._waiting))

    @property
    def busy(self) -> bool:
        """Whether a response waits for its PRACK."""
        return self.state is ReliableState.WAITING

    def check_room(self) -> None:
        """Make sure that one more can be sent.

        Raises:
            LocalProtocolError: Too many wait.
        """
        if len(self._waiting) >= _MAX_WAITING:
            raise LocalProtocolError("too many reliable provisional responses wait for their PRACK")

    def send(self, response: Response, now: float) -> None:
        """Send a response, or let it wait until the one before is acknowledged."""
        self._clock(now)
        response.add("Require", "100rel")
        self._waiting.append(response)
        self._fire(ReliableInput.SEND)

    def receive_prack(self, prack: Request, now: float) -> bool:
        """Take a PRACK; False when it acknowledges nothing that is unacknowledged (§3).

        Raises:
            ParseError: Its RAck cannot be read.
        """
        self._clock(now)
        rack = RAck.of(prack)
        expected = (self._number, self._invite.cseq.number, "INVITE")
        if rack != expected or not self._allows(ReliableInput.PRACK):
            return False
        self._fire(ReliableInput.PRACK)
        return True

    def final_sent(self, now: float) -> None:
        """Take note of the final response: nothing is repeated any more, a PRACK may still come."""
        self._clock(now)
        self._fire(ReliableInput.FINAL)

    def call_over(self, now: float) -> None:
        """The same: a refusal was the final response."""
        self.final_sent(now)

    def settled(self, now: float) -> None:
        """Nothing outside holds these responses up."""

    # What the rows of the table are made of

    def _send_next(self, _message: Message | None = None) -> None:
        self._number += 1
        self._current = self._waiting.popleft()
        self._current.add("RSeq", str(self._number))
        self._interval = self._call.config.timers.t1
        self._transmit()
        self._arm_expiry(ReliableInput.EXPIRED, self._call.config.timers.timeout)

    def _transmit(self) -> None:
        self._call.outbound.layer.respond(self._key, self._current, self._now)
        self._arm_repeat(ReliableInput.REPEAT_DUE, self._interval)

    def _repeat(self, _message: Message | None = None) -> None:
        self._interval *= 2  # no upper bound: PRACK is repeated by its own transaction (§3)
        self._transmit()

    def _acknowledged(self, _message: Message | None = None) -> None:
        self._stop_timers()
        if self._waiting:
            self._fire(ReliableInput.SEND)

    def _drop_waiting(self, _message: Message | None = None) -> None:
        self._stop_repeat()
        self._waiting.clear()

    def _rest(self, _message: Message | None = None) -> None:
        self._stop_timers()

    def _give_up(self, _message: Message | None = None) -> None:
        self._call.lose(TimedOut("PRACK"))

    table = Table(
        "reliable provisional responses",
        {
            (ReliableState.IDLE, ReliableInput.SEND): Rule(ReliableState.WAITING, (_send_next,)),
            (ReliableState.IDLE, ReliableInput.FINAL): Rule(ReliableState.OVER),
            (ReliableState.WAITING, ReliableInput.SEND): Rule(ReliableState.WAITING),
            (ReliableState.WAITING, ReliableInput.REPEAT_DUE): Rule(ReliableState.WAITING, (_repeat,)),
            (ReliableState.WAITING, ReliableInput.PRACK): Rule(ReliableState.IDLE, (_acknowledged,)),
            (ReliableState.WAITING, ReliableInput.EXPIRED): Rule(ReliableState.OVER, (_give_up,)),
            (ReliableState.WAITING, ReliableInput.FINAL): Rule(ReliableState.LINGERING, (_drop_waiting,)),
            (ReliableState.LINGERING, ReliableInput.PRACK): Rule(ReliableState.OVER, (_rest,)),
            (ReliableState.LINGERING, ReliableInput.EXPIRED): Rule(ReliableState.OVER, (_rest,)),
        },
        ignored=frozenset({(ReliableState.LINGERING, ReliableInput.FINAL)}),
        # Between two responses only the user has something to do.
        user_owned=frozenset({ReliableState.IDLE}),
        final=ReliableState.OVER,
    )


RELIABLE_TABLE = ReliableResponses.table
