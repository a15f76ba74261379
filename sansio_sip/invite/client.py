"""The caller's side of a call (RFC 3261 §13.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import is_challenge
from ..dialog import build_standalone
from ..errors import LocalProtocolError
from ..outbound import put_way
from ..transaction import (
    FailureResponse,
    ProvisionalResponse,
    SuccessResponse,
    TransactionEvent,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from .acks import Acknowledger
from .client_answers import ClientAnswers
from .descriptions import put_parts
from .passed_bodies import PassedBodies
from .redirect import Targets
from .session_body import put_description
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..message import BodyPart, Request, Response
    from ..outbound import Way
    from .negotiation import Media

__all__ = ["InviteClient"]


class InviteClient(ClientAnswers):
    """Calls somebody: INVITE, provisional answers, the answer, its ACK, or CANCEL.

    The first 2xx wins; each other branch of a fork gets ACK and BYE (§13.2.2.4).
    """

    __slots__ = ()

    def invite(
        self,
        uri: str,
        *,
        from_: str,
        to: str,
        media: Media | None,
        now: float,
        extra: Iterable[tuple[str, str]] = (),
        late_offer: bool = False,
        parts: Sequence[BodyPart] = (),
        ways: Sequence[Way] = (),
        passes: bool = False,
    ) -> None:
        """Send the INVITE.

        Args:
            uri: URI of the callee, and the Request-URI where there are no ways.
            from_: From value without tag.
            to: To value.
            media: What to offer; ``None`` for a call without media.
            now: Current time in seconds.
            extra: More header fields.
            late_offer: Whether the callee makes the offer, in its 2xx; ``media`` answers it.
            parts: More body parts, such as the token of a referrer (RFC 3892 §2.2).
            ways: Where the callee is, tried one after the other until one answers or refuses for all.
            passes: Whether ``media`` is a body that passes, as all of this call are; without one the callee
                makes the offer.

        Raises:
            LocalProtocolError: The call was made already, or a value cannot stand in a message.
        """
        self._clock(now)
        if not self._allows(InviteInput.INVITE):
            raise LocalProtocolError(f"a call in {self.state.name} cannot be made again")
        fields = (*self.config.invite_fields, *self.timer_fields(), *extra)
        targets = Targets(uri, self.config.max_redirects, ways)
        invite = build_standalone("INVITE", targets.way.uri, from_, to, self.ids, fields)
        put_way(invite, targets.way)
        self._offered = b""
        if passes:
            self._first_offer = PassedBodies(self._first_offer.session_id)
        if media is not None and not late_offer:
            self._offered = self._first_offer.offer(media)
            put_description(invite, self._offered)
        if parts:
            put_parts(invite, parts, self.ids.tag())
        self._acks = Acknowledger(self.outbound, self.config.max_forks)
        self._cause = ""
        self._legs = {}
        self._targets = targets
        self._local_media = media
        self._invite = invite
        self.call_id = invite.call_id
        self._fire(InviteInput.INVITE)

    def _invite_event(self, event: TransactionEvent) -> None:
        match event:
            case ProvisionalResponse(key, response) if key == self._current:
                if response.status_code > 100 or self.state is not InviteState.PROCEEDING:
                    self._fire(InviteInput.PROVISIONAL, response)
            case TransactionTerminated(key) if key == self._current:
                self._drop_losers()
            case SuccessResponse(key, response) if key == self._current:
                self._receive_success(response)
            case FailureResponse(key, response) if key == self._current:
                self._receive_failure(response)
            case TransactionTimedOut(key) if key == self._current:
                if not self._try_next_target():
                    self._fire(InviteInput.TIMED_OUT)
            case TransportFailed(key, cause) if key == self._current:
                if not self._try_next_target():
                    self._cause = cause
                    self._fire(InviteInput.TRANSPORT_FAILED)
            case _:
                return  # of the CANCEL, or of an INVITE that was challenged and sent again

    @property
    def _current(self) -> tuple[str | int, ...]:
        return self.outbound.key(self._invite)

    def _receive_failure(self, response: Response) -> None:
        """Answer a challenge, follow a redirection, or let the call fail (§8.1.3)."""
        if is_challenge(response) and self._allows(InviteInput.AGAIN):
            again = self._next_invite()
            if self.challenges.authorize(again, response):
                self._send_again(again)
                return
        if self._allows(InviteInput.AGAIN) and self.timer_too_small(response):
            again = self._next_invite()
            self.renew_timer_fields(again)
            self._send_again(again)
            return
        self._targets.failed(response)
        if response.status_code >= 600 or not self._try_next_target():
            self._fire(InviteInput.FAILURE, response)

    def _try_next_target(self) -> bool:
        """Call the next target; one that fails makes room for the next (§8.1.3.4)."""
        if not self._allows(InviteInput.AGAIN):
            return False
        before, way = self._targets.way, self._targets.next()
        if way is not None:
            again = self._next_invite()
            if before.routes:
                again.remove("route")
            put_way(again, way)
            for key in ("authorization", "proxy-authorization"):
                again.remove(key)  # made for the target before
            self._send_again(again)
        return way is not None

    def _next_invite(self) -> Request:
        again = self._invite.copy()
        again.remove("via")
        again.set("CSeq", f"{self._invite.cseq.number + 1} INVITE")
        return again

    def _send_again(self, invite: Request) -> None:
        self._invite = invite
        self._fire(InviteInput.AGAIN)
