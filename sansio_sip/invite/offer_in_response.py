"""An offer of the peer in a response to an INVITE of ours: what acknowledges it waits for the answer."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import TYPE_CHECKING

from ..table import Rule, Table, TableMachine
from .ends import TimedOut
from .events import OfferReceived

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..message import Message
    from .call_base import CallBase
    from .leg import Leg
    from .negotiation import Body, Media

__all__ = ["OFFER_IN_RESPONSE_TABLE", "OfferInResponse", "ResponseOfferInput", "ResponseOfferState"]


@unique
class ResponseOfferState(IntEnum):
    """Where an offer in a response stands."""

    WAITING = 0
    OVER = 1


@unique
class ResponseOfferInput(IntEnum):
    """What can happen to it."""

    ANSWER = 0
    REJECT = 1
    EXPIRED = 2
    CALL_OVER = 3


_S = ResponseOfferState
_I = ResponseOfferInput


class OfferInResponse(TableMachine[ResponseOfferState, ResponseOfferInput]):
    """An offer in a 2xx or in a reliable 1xx, whose answer goes with the ACK or PRACK (RFC 3261 §13.2.1).

    It is answered by somebody else, so it takes a while. The peer repeats its response meanwhile, and gives
    up after 64·T1. No status can refuse an offer in a response: every stream is refused (RFC 6337 §2.3).

    Args:
        call: The call.
        leg: The leg that it came on.
        acknowledge: Sends the ACK or PRACK with an answer.
        now: Current time in seconds.
    """

    __slots__ = ("_acknowledge", "_answer", "_call", "leg")

    _answer: Body

    def __init__(self, call: CallBase, leg: Leg, acknowledge: Callable[[Body], None], now: float) -> None:
        super().__init__(_S.WAITING, now)
        self.leg = leg
        self._call = call
        self._acknowledge = acknowledge

    @property
    def waiting(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state is _S.WAITING

    def start(self) -> None:
        """Ask the user."""
        call = self._call
        call.add_concern(self)
        self._arm_expiry(_I.EXPIRED, call.config.timers.timeout)
        body = self.leg.negotiation.open_body
        call.out.events.append(OfferReceived(call.session, None, "INVITE", body, in_response=True))

    def answer(self, media: Media, now: float) -> None:
        """Accept the offer.

        Raises:
            LocalProtocolError: This is no body.
        """
        self._clock(now)
        self._answer = self.leg.negotiation.answer(media)
        self._fire(_I.ANSWER)

    def reject(self, status_code: int, now: float, extra: tuple[tuple[str, str], ...] = ()) -> None:
        """Answer with every stream refused, whatever the status: no response can follow a response."""
        self._clock(now)
        self._fire(_I.REJECT)

    def call_over(self, now: float) -> None:
        """Acknowledge what still waits: the call has ended."""
        self._clock(now)
        self._fire(_I.CALL_OVER)

    def settled(self, now: float) -> None:
        """Only the user or time decides."""

    # What the rows of the table are made of

    def _send(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._call.drop_concern(self)
        self._acknowledge(self._answer)
        self._call.settled(self._now)

    def _decline(self, _message: Message | None = None) -> None:
        self._answer = self.leg.negotiation.decline()
        self._send()

    def _lose(self, _message: Message | None = None) -> None:
        if self._call.leg is self.leg:  # and not one of a branch that another one beat
            self._call.lose(TimedOut("answer"))

    table = Table(
        "offer in a response",
        {
            (_S.WAITING, _I.ANSWER): Rule(_S.OVER, (_send,)),
            (_S.WAITING, _I.REJECT): Rule(_S.OVER, (_decline,)),
            (_S.WAITING, _I.EXPIRED): Rule(_S.OVER, (_decline, _lose)),
            (_S.WAITING, _I.CALL_OVER): Rule(_S.OVER, (_decline,)),
        },
        ignored=frozenset(),
        user_owned=frozenset(),
        final=_S.OVER,
    )


OFFER_IN_RESPONSE_TABLE = OfferInResponse.table
