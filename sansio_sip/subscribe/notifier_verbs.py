"""What the user of a notifier can do: decide, tell changes, end (RFC 6665 §4.2.1.3, §4.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..message.fields import checked_text
from ..message.names import is_token
from .ends import RequestRefused, SubscriptionClosed
from .event_state import EMPTY_STATE
from .notifier_states import NotifierInput, NotifierState
from .notifier_table import NotifierTable
from .referral import referral_report

if TYPE_CHECKING:
    from .event_state import EventState

__all__ = ["NotifierVerbs"]


class NotifierVerbs(NotifierTable):
    """The verbs of a `Notifier`."""

    __slots__ = ()

    def accept(self, state: EventState, now: float) -> None:
        """Let the subscriber see the state; a fetch gets it once.

        Raises:
            LocalProtocolError: It was decided already.
        """
        self._clock(now)
        self._must_allow(NotifierInput.ACCEPT)
        self._state = state
        if self.state is NotifierState.RECEIVED and self._silent:
            self._accept_silently()
        elif self.state is NotifierState.RECEIVED and not self._admission.expires:
            self._show_once()
        else:
            self._fire(NotifierInput.ACCEPT)

    def pend(self, now: float, state: EventState = EMPTY_STATE) -> None:
        """Accept, but show nothing until somebody has decided; a fetch ends with the neutral state.

        Args:
            now: Current time in seconds.
            state: The neutral state (§5.4.7).

        Raises:
            LocalProtocolError: It was decided already.
        """
        self._clock(now)
        self._must_allow(NotifierInput.PEND)
        self._state = state
        self._decide()

    def reject(self, now: float, status_code: int = 403, reason: str = "") -> None:
        """Refuse the subscriber: with a status before the decision, with a NOTIFY after it (§4.2.1.3).

        Raises:
            LocalProtocolError: The status is none that refuses, or the subscription is over.
        """
        self._clock(now)
        if not 300 <= status_code <= 699:
            raise LocalProtocolError(f"{status_code} is no status that refuses a subscription")
        if self.state is not NotifierState.RECEIVED:
            # The reports of a REFER all have a body (RFC 3515 §2.4.5).
            state = referral_report(status_code) if self._referred else None
            self.terminate("rejected", now, state=state)
            return
        self._end = self._refusal = RequestRefused(status_code, checked_text(reason, "reason"))
        self._fire(NotifierInput.REFUSE)

    def notify(self, state: EventState, now: float) -> None:
        """Tell a new state, as soon as the package's rate allows.

        Without effect while nobody has accepted the subscriber, and when the subscription is over.
        """
        self._clock(now)
        if self._allows(NotifierInput.CHANGE):
            self._state = state
        self._fire(NotifierInput.CHANGE)

    def terminate(
        self, reason: str, now: float, retry_after: int | None = None, state: EventState | None = None
    ) -> None:
        """End the subscription with a NOTIFY that says why (§4.2.2).

        Args:
            reason: ``deactivated``, ``probation``, ``rejected``, ``timeout``, ``giveup``,
                ``noresource``, ``invariant`` or an extension.
            now: Current time in seconds.
            retry_after: Seconds after which the subscriber may come again.
            state: What it is told at last; None is what it was told before.

        Raises:
            LocalProtocolError: The subscription is not accepted yet.
        """
        self._clock(now)
        if not is_token(reason):
            raise LocalProtocolError(f"reason {reason!r} is not a token")
        if self._allows(NotifierInput.TERMINATE):
            if state is not None:
                self._state = state
            elif reason == "rejected":
                self._state = EMPTY_STATE  # who may not see the state does not get it as a farewell
            self._end = SubscriptionClosed(reason)
            self._reason, self._retry_after = reason, retry_after
        self._fire(NotifierInput.TERMINATE)

    def close(self, now: float) -> None:
        """End the subscription and ask to come again later; may be called again without effect."""
        if self.state is NotifierState.RECEIVED:
            self.reject(now, 503)
        else:
            self.terminate("probation", now, round(self.config.probation))

    def _must_allow(self, what: NotifierInput) -> None:
        if not self._allows(what):
            raise LocalProtocolError(f"{what.name} is not possible for a subscription in {self.state.name}")
