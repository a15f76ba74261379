"""What all subscriptions, notifiers and publications of one agent have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..transaction import TimerConfig

if TYPE_CHECKING:
    from ..auth import Credentials

__all__ = ["SubscribeConfig"]


@attrs.frozen(kw_only=True)
class SubscribeConfig:
    """Header values, limits and patience.

    Attributes:
        contact: Contact value of our own, such as ``<sip:alice@192.0.2.1:5060>``.
        software: Value of User-Agent and Server; empty to send neither.
        credentials: What challenges are answered with.
        timers: Timer values; 64·T1 is Timer N.
        max_forks: Notifiers of one SUBSCRIBE that are kept apart; a flood of forged ones stops there.
        min_refresh: Least seconds between two refreshes, however short a life the notifier grants.
        decision_time: Seconds after which a SUBSCRIBE that nobody decided about is accepted as
            pending, so that its transaction never waits for a person (RFC 6665 §4.2.1.1).
        retry_base: Seconds before the second try after a failure; doubled with each further one.
        retry_max: Most seconds between two tries.
        probation: Seconds to wait after ``reason=probation`` that says no time.
        stable_after: Seconds that a subscription has to live for the next loss to count as the first.
    """

    contact: str
    software: str = ""
    credentials: tuple[Credentials, ...] = ()
    timers: TimerConfig = attrs.field(factory=TimerConfig)
    max_forks: int = attrs.field(default=16, validator=attrs.validators.ge(1))
    min_refresh: float = attrs.field(default=5.0, validator=attrs.validators.gt(0))
    decision_time: float = attrs.field(default=0.5, validator=attrs.validators.gt(0))
    retry_base: float = attrs.field(default=5.0, validator=attrs.validators.gt(0))
    retry_max: float = attrs.field(default=1_800.0, validator=attrs.validators.gt(0))
    probation: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    stable_after: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))

    @property
    def request_fields(self) -> tuple[tuple[str, str], ...]:
        """Fields of every SUBSCRIBE and NOTIFY."""
        fields = (("Contact", self.contact),)
        return (*fields, ("User-Agent", self.software)) if self.software else fields

    @property
    def answer_fields(self) -> tuple[tuple[str, str], ...]:
        """The same for responses that make or keep a dialog."""
        fields = (("Contact", self.contact),)
        return (*fields, ("Server", self.software)) if self.software else fields

    def refresh_after(self, lifetime: float) -> float | None:
        """Return when to refresh what lives for ``lifetime`` seconds; None when not worth it.

        Early enough for one try to time out and another to succeed, but not before half of the time.
        """
        after = max(lifetime / 2, lifetime - 2 * self.timers.timeout)
        return after if after >= self.min_refresh else None
