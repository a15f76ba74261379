"""The notifier: serves one subscription from its SUBSCRIBE to its last NOTIFY (RFC 6665 §4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..dialog import Dialog
from ..errors import RemoteProtocolError
from .admission import AdmissionRefused, granted_expires
from .ends import RemotelyUnsubscribed
from .event_match import event_of, same_event
from .event_state import EMPTY_STATE
from .events import SubscriptionRequested
from .notifier_states import NotifierInput, NotifierState
from .notifier_verbs import NotifierVerbs
from .publication import resource_of
from .sendable import require_sendable, require_sendable_dialog

if TYPE_CHECKING:
    from ..dialog import DialogId
    from ..ids import Ids
    from ..machine import Outbox
    from ..message import Request
    from ..outbound import Outbound
    from ..transaction import TransactionKey
    from .admission import Admission
    from .config import SubscribeConfig
    from .event_state import EventState
    from .events import SubscribeEvent
    from .usage import DialogUsage

__all__ = ["Notifier"]


class Notifier(NotifierVerbs):
    """Answers one SUBSCRIBE and its refreshes, and notifies of the state.

    Args:
        name: Name of the subscription in its events.
        config: What all usages of the agent share.
        now: Current time in seconds.
        ids: Makes tags.
        outbound: How requests get out.
        registry: Where the dialog is entered, so that its requests find this notifier.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ()

    def __init__(
        self,
        name: str,
        config: SubscribeConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        registry: dict[DialogId, DialogUsage],
        outbox: Outbox[SubscribeEvent] | None = None,
    ) -> None:
        super().__init__(name, config, NotifierState.IDLE, now=now, ids=ids, outbound=outbound, outbox=outbox)
        self.registry = registry
        self._state: EventState = EMPTY_STATE
        self._last = self._request = self._retry_after = None
        self._reason = ""
        self._pause = self._untold = self._version = 0
        self._sent_at = now

    def __repr__(self) -> str:
        return f"<Notifier {self.name} {self.state.name}>"

    @property
    def admission(self) -> Admission:
        """What the last SUBSCRIBE asked for and got."""
        return self._admission

    # SUBSCRIBE

    def receive_subscribe(
        self, key: TransactionKey, request: Request, admission: Admission, now: float
    ) -> None:
        """Take the SUBSCRIBE that opens the subscription.

        Raises:
            RemoteProtocolError: It has no Contact, or an address that cannot be read.
        """
        self._clock(now)
        dialog = Dialog.from_request(request, self.ids.tag())
        require_sendable_dialog(dialog)
        require_sendable(str(admission.event))
        self.resource = resource_of(request.uri)
        self.dialog = dialog
        self._key, self._subscribe, self._admission = key, request, admission
        self.registry[self.dialog.id] = self
        self._fire(NotifierInput.SUBSCRIBE)
        self.out.events.append(SubscriptionRequested(self.name, admission.event, admission.expires, request))

    def receive_request(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take a request inside the dialog, and answer it (§4.2.1.4)."""
        self._clock(now)
        if request.method != "SUBSCRIBE":
            self.respond(key, request, 405, (("Allow", "SUBSCRIBE"),))
            return
        try:
            expires = self._check_refresh(request)
        except RemoteProtocolError as error:
            fields = error.fields if isinstance(error, AdmissionRefused) else ()
            self.respond(key, request, error.status_hint, fields)
            return
        if self.state is NotifierState.RECEIVED:
            self._decide()
        self._key, self._subscribe = key, request
        self._admission = attrs.evolve(self._admission, expires=expires)
        if not expires:
            self._end, self._reason = RemotelyUnsubscribed(), "timeout"
        self._fire(NotifierInput.REFRESH if expires else NotifierInput.UNSUBSCRIBE)

    def _check_refresh(self, request: Request) -> int:
        if self.state not in (NotifierState.RECEIVED, NotifierState.PENDING, NotifierState.ACTIVE):
            raise RemoteProtocolError("the subscription is over", status_hint=481)
        if not same_event(event_of(request), self._admission.event):
            # A second subscription in one dialog is what RFC 6665 has deprecated (§4.5.2).
            raise RemoteProtocolError("dialog sharing is not supported", status_hint=403)
        expires = granted_expires(request, self._admission.package)
        require_sendable(*(str(contact.uri) for contact in request.contacts))
        self.dialog.receive_request(request)
        self.dialog.refresh_target(request)
        return expires
