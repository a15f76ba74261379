"""What the rows of a publisher's table do (RFC 3903 §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message.names import is_token
from .ends import SubscriptionClosed
from .events import PublicationEnded, PublicationRetrying, PublicationUpdated
from .publisher_states import PublisherInput, PublisherState
from .retry import retry_delay
from .usage import Usage
from .usage_request import UsageRequest, seconds_of

if TYPE_CHECKING:
    from ..message import Message, Request, Response
    from .ends import SubscriptionEnd
    from .event_state import FixedState
    from .publish_order import PublishOrder
    from .usage_request import RequestFailure

__all__ = ["PublisherActions"]


class PublisherActions(Usage[PublisherState, PublisherInput]):
    """The publisher's actions; `PublisherTable` says when which is done, `Publisher` what starts them."""

    # fmt: off
    __slots__ = ("_delay", "_end", "_etag", "_expires", "_failures", "_order", "_request", "_response",
                 "_state", "_told")
    # fmt: on

    _delay: float
    _end: SubscriptionEnd
    _etag: str  # empty when the compositor knows nothing of us
    _expires: int
    _failures: int
    _order: PublishOrder
    _request: UsageRequest
    _response: Response | None
    _state: FixedState  # what is to be known
    _told: FixedState | None  # what the PUBLISH on its way, or the last one, has told

    def _publish(self, _message: Message | None = None) -> None:
        """Send an initial, modifying or refreshing PUBLISH, whichever is due (§4.1, table 1)."""
        news = self._state if not self._etag or self._state != self._told else None
        self._told = self._state
        self._send(self._order.build(self.ids, etag=self._etag, state=news))

    def _remove(self, _message: Message | None = None) -> None:
        """Send the PUBLISH that removes, if there is anything to remove (§4.5)."""
        if self._etag:
            self._send(self._order.build(self.ids, etag=self._etag, state=None, expires=0))
        else:
            self.state = PublisherState.TERMINATED

    def _send(self, request: Request) -> None:
        self._request = UsageRequest(self, self, request)
        self._request.send(self._now)

    def _withdraw(self, _message: Message | None = None) -> None:
        if self._request.give_up():  # it still waits for the DNS and is never sent
            self._fire(PublisherInput.WITHDRAWN)

    def request_succeeded(self, request: UsageRequest, response: Response, now: float) -> None:
        """Take a 2xx with the new entity-tag and the time that is granted."""
        self._clock(now)
        self._order = self._order.raised(request.request)
        granted = seconds_of(response, "expires")
        asked = seconds_of(request.request, "expires") or 0
        expires = asked if granted is None else min(granted, asked)
        etag = response.get("sip-etag") or ""
        self._etag = etag if expires and is_token(etag) else ""
        self._failures = 0
        self._stop_timers()
        if self._etag:
            self._arm_expiry(PublisherInput.EXPIRED, expires)
        # However short a life the compositor grants, it is not asked without a pause.
        after = self.config.refresh_after(expires) or self.config.min_refresh
        self._arm_repeat(PublisherInput.REFRESH_DUE, after)
        self._expires = expires
        self._fire(PublisherInput.ACCEPTED, response)

    def request_failed(
        self, request: UsageRequest, failure: RequestFailure, response: Response | None, now: float
    ) -> None:
        """Take any other end of a PUBLISH; after a 412 the entity-tag is good for nothing (§5)."""
        self._clock(now)
        self._end, self._response = failure, response
        if response is not None and response.status_code == 412 and request.request.get("sip-if-match"):
            self._etag = ""
            self._fire(PublisherInput.TAG_UNKNOWN)
            return
        delay = retry_delay(failure, self._failures, self.config, self.ids)
        self._delay = delay or 0.0
        self._fire(PublisherInput.FAILED_FOR_GOOD if delay is None else PublisherInput.FAILED_FOR_NOW)

    def _drop_tag(self, _message: Message | None = None) -> None:
        self._etag = ""

    def _report_update(self, _message: Message | None = None) -> None:
        self.out.events.append(PublicationUpdated(self.name, self._expires))

    def _publish_news(self, _message: Message | None = None) -> None:
        """The state has changed while its PUBLISH was on its way."""
        if self._state != self._told:
            self._fire(PublisherInput.PUBLISH)

    def _wait(self, _message: Message | None = None) -> None:
        self._failures += 1
        self._told = None  # whether the compositor has taken it is not known
        self._arm_repeat(PublisherInput.RETRY_DUE, self._delay)
        self.out.events.append(PublicationRetrying(self.name, self._end, self._delay))

    def _report_end(self, _message: Message | None = None) -> None:
        self.out.events.append(PublicationEnded(self.name, self._end, self._response))

    def _report_closed(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self.out.events.append(PublicationEnded(self.name, SubscriptionClosed()))
