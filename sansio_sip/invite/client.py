"""The caller's side of a call (RFC 3261 §13.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import is_challenge
from ..dialog import build_standalone
from ..errors import LocalProtocolError, ProtocolError
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
from .client_table import ClientTable
from .descriptions import put_description, put_parts
from .redirect import Targets
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..message import BodyPart, Request, Response
    from ..outbound import Way
    from ..sdp import LocalMedia
    from .leg import Leg

__all__ = ["InviteClient"]


class InviteClient(ClientTable):
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
        media: LocalMedia | None,
        now: float,
        extra: Iterable[tuple[str, str]] = (),
        late_offer: bool = False,
        parts: Sequence[BodyPart] = (),
        ways: Sequence[Way] = (),
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

    def _receive_success(self, response: Response) -> None:
        if self._acks:
            self._fire(InviteInput.REPEATED_SUCCESS, response)
            return
        try:
            leg = self._confirmed_leg(response)
        except ProtocolError as error:  # not even an ACK can be sent; the callee gives up by itself
            self._cause = str(error)
            self._fire(InviteInput.TRANSPORT_FAILED)
            return
        self._win(leg, response)
        answer = self._take_description(leg, response)
        self._acks.acknowledge(self._invite, leg.dialog, answer, self._now)
        self._fire(InviteInput.BAD_ANSWER if self._cause else InviteInput.SUCCESS, response)

    def _take_description(self, leg: Leg, response: Response) -> bytes:
        """Take the answer; or take the offer of a 2xx to an INVITE without one, and return our answer."""
        negotiation, first = leg.negotiation, leg.negotiation.agreed is None
        try:
            answer = leg.exchange(response, self._local_media)
            if first and negotiation.agreed is not None and negotiation.media is None and self._local_media:
                self._cause = "the offer has no stream that we can take"
        except ProtocolError as error:
            self._cause = str(error) or "the session description cannot be used"
            return b""
        finally:
            if first:
                negotiation.conclude()
        return answer

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
