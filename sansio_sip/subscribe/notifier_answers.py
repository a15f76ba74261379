"""What a notifier holds, and how it answers SUBSCRIBE and REFER (RFC 6665 §4.2.1, RFC 3515 §2.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import build_response
from .notifier_states import NotifierInput, NotifierState
from .usage import DialogHolder

if TYPE_CHECKING:
    from ..dialog import Dialog, DialogId
    from ..message import Message, Request
    from ..transaction import TransactionKey
    from .admission import Admission
    from .ends import RequestRefused, SubscriptionEnd
    from .event_state import EventState
    from .usage import DialogUsage
    from .usage_request import UsageRequest

__all__ = ["NotifierAnswers"]

_Fields = tuple[tuple[str, str], ...]


class NotifierAnswers(DialogHolder[NotifierState, NotifierInput]):
    """A notifier as far as it answers."""

    # fmt: off
    __slots__ = ("_admission", "_end", "_key", "_last", "_pause", "_reason", "_referred", "_refusal",
                 "_request", "_retry_after", "_sent_at", "_silent", "_state", "_subscribe", "_untold",
                 "_version", "dialog", "resource")
    # fmt: on

    _admission: Admission
    _end: SubscriptionEnd
    _key: TransactionKey
    _last: UsageRequest | None  # the NOTIFY that says terminated
    _pause: int  # seconds that a subscriber asked for when it could not take a NOTIFY
    _reason: str
    _referred: bool  # whether a REFER has opened it
    _refusal: RequestRefused
    _request: UsageRequest | None  # the newest NOTIFY while it has no final answer
    _retry_after: int | None
    _sent_at: float
    _silent: bool  # whether that wants no reports
    _state: EventState
    _subscribe: Request
    _untold: int  # changes that the subscriber does not know of
    _version: int
    dialog: Dialog
    registry: dict[DialogId, DialogUsage]
    resource: str  # of the first SUBSCRIBE; a refresh goes to our Contact

    # SUBSCRIBE

    def _arm_decision(self, _message: Message | None = None) -> None:
        self._arm_expiry(NotifierInput.DECISION_DUE, self.config.decision_time)

    def _answer(self, status_code: int, extra: _Fields, reason: str = "") -> None:
        response = build_response(
            self._subscribe, status_code, reason or None, to_tag=self.dialog.local_tag, extra=extra
        )
        self.outbound.layer.respond(self._key, response, self._now)

    def _answer_200(self, _message: Message | None = None) -> None:
        """Say for how long; it is 200 and never 202, pending or not (§8.3.1).

        A REFER has 202, and its first NOTIFY says for how long (RFC 3515 §2.4.2, §2.4.4).
        """
        expires, fields = self._admission.expires, self.config.answer_fields
        if self._subscribe.method == "REFER":
            self._answer(202, fields)
        else:
            self._answer(200, (("Expires", str(expires)), *fields))
        self._arm_expiry(NotifierInput.EXPIRED, expires)

    def _answer_silently(self, _message: Message | None = None) -> None:
        self._answer(202, (*self.config.answer_fields, ("Refer-Sub", "false")))

    def _refuse(self, _message: Message | None = None) -> None:
        self._answer(self._refusal.status_code, (), self._refusal.reason)
