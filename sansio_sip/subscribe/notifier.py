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
from .referral import ReferRequested, referral_report
from .sendable import require_sendable, require_sendable_dialog

if TYPE_CHECKING:
    from ..message import Request
    from ..transaction import TransactionKey
    from .admission import Admission
    from .event_state import EventState
    from .referral import Referral

__all__ = ["Notifier"]


class Notifier(NotifierVerbs):
    """Answers one SUBSCRIBE and its refreshes, and notifies of the state.

    See `DialogHolder` for the arguments.
    """

    __slots__ = ()

    first = NotifierState.IDLE

    def _prepare(self) -> None:
        self._state: EventState = EMPTY_STATE
        self._last = self._request = self._retry_after = None
        self._reason = ""
        self._referred = self._silent = False
        self._pause = self._untold = self._version = 0
        self._sent_at = self._now

    def __repr__(self) -> str:
        return f"<Notifier {self.name} {self.state.name}>"

    @property
    def admission(self) -> Admission:
        """What the last SUBSCRIBE asked for and got."""
        return self._admission

    @property
    def slot(self) -> tuple[str, str]:
        """What it is a subscription to: resource and event package."""
        return (self.resource, self._admission.package.name)

    # SUBSCRIBE

    def receive_subscribe(
        self, key: TransactionKey, request: Request, admission: Admission, now: float, username: str = ""
    ) -> None:
        """Take the SUBSCRIBE that opens the subscription.

        Args:
            key: Its transaction.
            request: The SUBSCRIBE.
            admission: What it gets.
            now: Current time in seconds.
            username: Whose password the subscriber knows, for events.

        Raises:
            RemoteProtocolError: It has no Contact, or an address that cannot be read.
        """
        self._clock(now)
        require_sendable(str(admission.event))
        self._begin(key, request, admission)
        self.resource = resource_of(request.uri)
        wanted = SubscriptionRequested(self.name, admission.event, admission.expires, request, username)
        self.out.events.append(wanted)

    def receive_refer(
        self, key: TransactionKey, request: Request, referral: Referral, now: float, username: str = ""
    ) -> None:
        """Take a REFER outside of any dialog: a subscription to what becomes of it (RFC 3515 §2.4.4).

        Args:
            key: Its transaction.
            request: The REFER.
            referral: What it wants.
            now: Current time in seconds.
            username: Whose password the sender knows, for events.

        Raises:
            RemoteProtocolError: It has no Contact, or an address that cannot be read.
        """
        self._clock(now)
        self._begin(key, request, referral.admission)
        self.resource = self.name  # each is of its own
        self._referred, self._silent = True, referral.silent
        self._state = referral_report(100)
        self.out.events.append(ReferRequested(self.name, referral, request, username))

    def _begin(self, key: TransactionKey, request: Request, admission: Admission) -> None:
        dialog = Dialog.from_request(request, self.ids.tag())
        require_sendable_dialog(dialog)
        self.dialog = dialog
        self._key, self._subscribe, self._admission = key, request, admission
        self.registry[self.dialog.id] = self
        self._fire(NotifierInput.SUBSCRIBE)

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
