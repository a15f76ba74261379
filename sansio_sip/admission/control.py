"""Decides which work from the network is taken on, as cheaply as it can be told (RFC 3261 §21.5.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ..transaction import answer_without_state
from .bans import Bans
from .judge import Judge, user_of
from .quick import branch_of, quick_refusal, read_invite
from .refusal import Refusal, RefusedInvites
from .sources import Sources, Trusted, source_of
from .statistics import AdmissionCounters, AdmissionStatistics

if TYPE_CHECKING:
    from collections.abc import Hashable, Sized

    from ..machine import Endpoint
    from ..message import Request
    from ..transaction import TransactionLayer
    from .config import AdmissionConfig

__all__ = ["AdmissionControl"]


class AdmissionControl:
    """Lets new work in, refuses it without keeping anything, or does not even read it.

    What belongs to a dialog or a transaction, and every ACK and CANCEL, is never refused: to finish what was
    begun frees more than it costs.

    Args:
        config: The limits.
        calls: The calls there are.
        max_calls: How many there may be.
        layer: Sends what refuses, and knows the transactions.
        now: Current time in seconds.

    Attributes:
        bans: Who is not read.
        judge: What is refused.
    """

    # fmt: off
    __slots__ = ("_config", "_counters", "_layer", "_refused", "_scanners", "_sources", "bans", "judge")
    # fmt: on

    def __init__(
        self, config: AdmissionConfig, calls: Sized, max_calls: int, layer: TransactionLayer, now: float
    ) -> None:
        self._config = config
        self._layer = layer
        self._counters = AdmissionCounters()
        self._sources = Sources(config, self._counters)
        self._refused = RefusedInvites(config.max_refused, self._counters)
        words = "|".join(map(re.escape, config.scanners))
        self._scanners = re.compile(words, re.IGNORECASE) if words else None
        is_trusted = Trusted(config.trusted)
        self.judge = Judge(config, self._sources, is_trusted, calls, max_calls, now)
        self.bans = Bans(config, self._counters, self._sources, is_trusted)
        layer.set_doorkeeper(self.admit)

    # Before anything is parsed

    def deals_with(self, data: bytes, source: Endpoint, now: float) -> bool:
        """Drop or refuse a datagram from its octets alone; False leaves it to the parser."""
        if self.bans.holds(source, now):
            self._counters.dropped_banned += 1
            return True
        start = data[:7]
        if start == b"INVITE ":
            return self._refuse_unread(data, source, now)
        if not self._refused or not (start[:4] == b"ACK " or start == b"CANCEL "):
            return False
        # Who keeps no state must ignore both (RFC 3261 §8.2.7).
        is_for_refused = self._refused.get(branch_of(data), source.host, now) is not None
        self._counters.refused_acks += is_for_refused
        return is_for_refused

    def _refuse_unread(self, data: bytes, source: Endpoint, now: float) -> bool:
        before = self._refused.get(branch_of(data), source.host, now) if self._refused else None
        refusal = before or self.judge.refusal_of_call(source, now)
        if refusal is None:
            return False
        invite = read_invite(data, source)
        if invite is None or self._layer.answers(invite.key):
            return False
        self._count(refusal, invite.branch, source, now, repeated=before is not None)
        answer = quick_refusal(invite, source, refusal, self._config.retry_after)
        self._layer.out.transmits.append(answer)
        return True

    # What was read, and would open a transaction outside of dialogs

    def admit(self, request: Request, source: Endpoint, now: float) -> bool:
        """Return whether a new request outside of dialogs is let in; else it has been dealt with here."""
        method = request.method
        if method == "CANCEL":
            return True
        if self._scanners is not None and self._scanners.search(request.get("user-agent") or ""):
            self._counters.dropped_scanner += 1
            self.bans.unauthorised(source, now)
            return False
        is_call = method == "INVITE"
        branch = request.via.branch if is_call else ""
        before = self._refused.get(branch, source.host, now) if is_call else None
        refusal = before or self.judge.refusal_of(request, source, now)
        if refusal is None:
            self._counters.admitted += 1
            self.judge.take(source, is_call=is_call)
            return True
        self._count(refusal, branch, source, now, repeated=before is not None)
        extra = [("Retry-After", str(self._config.retry_after))] if refusal.status_code == 503 else []
        answer = answer_without_state(request, refusal.status_code, source, extra=extra)
        self._layer.out.transmits.append(answer)
        return False

    def _count(self, refusal: Refusal, branch: str, source: Endpoint, now: float, *, repeated: bool) -> None:
        counters = self._counters
        if repeated:
            counters.refused_repeats += 1
            return
        setattr(counters, refusal.counter, getattr(counters, refusal.counter) + 1)
        if branch:
            self._refused.add(branch, source.host, refusal, now)

    # The calls that were let in

    def opened(self, session: str, request: Request, source: Endpoint) -> None:
        """Take note of a call that came in."""
        self.bans.welcome(source)
        keys: tuple[Hashable, ...] = (source_of(source.host), (source.host, source.port))
        if self._config.max_calls_per_user is not None:
            keys = (*keys, ("user", user_of(request)))
        self._sources.opened(session, keys)

    def closed(self, session: str) -> None:
        """Take note that a call is forgotten."""
        self._sources.closed(session)

    def statistics(self) -> AdmissionStatistics:
        """Return a snapshot of the counters."""
        return AdmissionStatistics(
            **attrs.asdict(self._counters),
            banned=self.bans.banned,
            sources=len(self._sources) + self.bans.suspects,
            refused=len(self._refused),
            queue_time=self.judge.queue_time,
        )
