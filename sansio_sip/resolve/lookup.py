"""One lookup: from a URI to its targets (RFC 3263 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..table import Rule, Table
from .lookup_steps import LookupSteps
from .plan import Step
from .services import srv_service
from .states import LookupInput as I
from .states import LookupState as S

if TYPE_CHECKING:
    from ..message import Message
    from .records import QuestionKey, Record

__all__ = ["LOOKUP_TABLE", "Lookup"]

_T = LookupSteps


class Lookup(LookupSteps):
    """Asks for NAPTR, SRV and address records as far as a URI needs them.

    Args:
        query: Its number in events.
        plan: See `make_plan`.
        config: The resolver's.
        now: Current time in seconds.
        ids: Source of the randomness among servers of one priority.
        asker: Who asks the DNS and hears the result.
    """

    __slots__ = ()

    def start(self) -> None:
        """Ask the first questions, or report at once what needs none."""
        self._arm_expiry(I.TIMER_LOOKUP, self._config.timeout)
        match self.plan.step:
            case Step.NAPTR:
                self._fire(I.ASK_NAPTR)
            case Step.SRV:
                self._services = [
                    srv_service(transport, self.plan.host) for transport in self.plan.transports
                ]
                self._fire(I.ASK_SRV)
            case _:
                self.use_host()
                self._fire(I.ASK_ADDRESSES)

    def receive_records(self, key: QuestionKey, records: tuple[Record, ...], now: float) -> None:
        """Take the answer to a question; one without records, or that failed, is empty."""
        self._clock(now)
        self._waiting.discard(key)
        self._answers[key] = records
        if not self._waiting:
            self._proceed()

    def close(self, now: float) -> None:
        """Give up; may be called again without effect."""
        self._clock(now)
        self._fire(I.CANCEL)

    def _report(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._waiting.clear()
        self._asker.done(self, self._targets(), self._cause)

    def _report_nothing(self, _message: Message | None = None) -> None:
        self._candidates = []
        self._report()

    def _report_cancelled(self, _message: Message | None = None) -> None:
        self._cause = "the lookup was cancelled"
        self._report_nothing()

    def _report_late(self, _message: Message | None = None) -> None:
        """Report what there is; one family of addresses may have been answered."""
        self._cause = "the DNS did not answer in time"
        self._report()

    table = Table(
        "lookup",
        {
            (S.IDLE, I.ASK_NAPTR): Rule(S.ASKING_NAPTR, (_T._ask_naptr,)),
            (S.IDLE, I.ASK_SRV): Rule(S.ASKING_SRV, (_T._ask_srv,)),
            (S.IDLE, I.ASK_ADDRESSES): Rule(S.ASKING_ADDRESSES, (_T._ask_addresses,)),
            (S.IDLE, I.CANCEL): Rule(S.DONE, (_report_cancelled,)),
            (S.ASKING_NAPTR, I.ASK_SRV): Rule(S.ASKING_SRV, (_T._ask_srv,)),
            (S.ASKING_NAPTR, I.ASK_ADDRESSES): Rule(S.ASKING_ADDRESSES, (_T._ask_addresses,)),
            (S.ASKING_NAPTR, I.TIMER_LOOKUP): Rule(S.DONE, (_report_late,)),
            (S.ASKING_NAPTR, I.CANCEL): Rule(S.DONE, (_report_cancelled,)),
            (S.ASKING_SRV, I.ASK_SRV): Rule(S.ASKING_SRV, (_T._ask_srv,)),
            (S.ASKING_SRV, I.ASK_ADDRESSES): Rule(S.ASKING_ADDRESSES, (_T._ask_addresses,)),
            (S.ASKING_SRV, I.NOT_FOUND): Rule(S.DONE, (_report_nothing,)),
            (S.ASKING_SRV, I.TIMER_LOOKUP): Rule(S.DONE, (_report_late,)),
            (S.ASKING_SRV, I.CANCEL): Rule(S.DONE, (_report_cancelled,)),
            (S.ASKING_ADDRESSES, I.FOUND): Rule(S.DONE, (_report,)),
            (S.ASKING_ADDRESSES, I.NOT_FOUND): Rule(S.DONE, (_report_nothing,)),
            (S.ASKING_ADDRESSES, I.TIMER_LOOKUP): Rule(S.DONE, (_report_late,)),
            (S.ASKING_ADDRESSES, I.CANCEL): Rule(S.DONE, (_report_cancelled,)),
        },
        ignored=frozenset(),
        user_owned=frozenset({S.IDLE}),
        final=S.DONE,
    )


LOOKUP_TABLE = Lookup.table
"""The table, for diagrams and tests."""
