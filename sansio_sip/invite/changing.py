"""Changing the session of a call: the verbs, and what a session timer wants of it (RFC 3261 §14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..errors import LocalProtocolError
from .modify import Modifier
from .modify_request import Wish
from .offer_in_response import OfferInResponse
from .offer_server import OfferServer
from .recovering import check_peer
from .referring import ReferVerbs
from .session_body import SessionBody
from .states import InviteState
from .target_refresh import TargetRefresh

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Response
    from ..sdp import LocalMedia
    from .negotiation import Media

__all__ = ["ChangeVerbs"]


def _hear_nothing(_status_code: int, _response: Response | None) -> None:
    """Nobody is told of a refresh: its session timer sees the messages themselves."""


_UNHEARD = Wish(None, heard=_hear_nothing)
_UNANSWERED = frozenset({InviteState.RECEIVED, InviteState.RINGING, InviteState.HELD})


class ChangeVerbs(ReferVerbs):
    """The verbs of a call for its media and its health."""

    __slots__ = ()

    @property
    def local_media(self) -> LocalMedia:
        """Our side of the last agreement.

        Raises:
            LocalProtocolError: There is none.
        """
        media = self.negotiation.local_media
        if media is None:
            raise LocalProtocolError("the call has no media")
        return media

    def update_media(
        self,
        media: Media | None,
        now: float,
        *,
        late_offer: bool = False,
        by_update: bool = False,
        insist: bool = False,
    ) -> None:
        """Change the media: by re-INVITE, before the answer by UPDATE, as soon as the dialog allows it.

        What met a request of the peer is tried again after a while. Not so where bodies pass, unless we
        ``insist``: who made the offer knows better.

        Args:
            media: What we can take from now on, or the offer that passes; ``None`` only refreshes the dialog.
            now: Current time in seconds.
            late_offer: Whether the re-INVITE leaves the offer to the peer; where bodies pass, without media.
            by_update: Whether an UPDATE is preferred where the peer takes one.
            insist: Whether it is tried again where bodies pass, too: it is our own wish.

        Raises:
            LocalProtocolError: There is no dialog, the call is over, a change is on its way, or this is not
                what such a call says.
        """
        passes, says = self.negotiation.passes, media is not None
        if says and isinstance(media, SessionBody) is not (passes and not late_offer):
            raise LocalProtocolError("a call says either what passes through it, or what it describes itself")
        foreign = passes and not insist and (says or late_offer)
        self._modifier(now).want(Wish(media, late_offer, foreign=foreign, by_update=by_update), now)

    def withdraw_update(self, now: float) -> None:
        """Take back a change that is not agreed on: a re-INVITE is cancelled, an UPDATE cannot be.

        What becomes of it is told all the same: 487 where it was not sent yet.
        """
        self._clock(now)
        for concern in self.concerns:
            if isinstance(concern, Modifier):
                concern.withdraw(now)

    def refresh(self, wish: Wish, now: float) -> None:
        """Send a request that changes nothing, as a session timer needs it (RFC 4028 §7.4).

        Raises:
            LocalProtocolError: There is no dialog, the call is over, or a change is on its way.
        """
        self._modifier(now).want(wish, now)

    def refresh_session(self, now: float) -> bool:
        """Refresh the session for its timer; False when a change is on its way or the call is over."""
        try:
            self.refresh(_UNHEARD, now)
        except LocalProtocolError:
            return False
        return True

    def change_contact(self, contact: str, now: float) -> None:
        """Have another Contact from now on; a peer whom no answer will tell it is told by a request.

        Args:
            contact: Contact value; empty is the one of before.
            now: Current time in seconds.
        """
        self._clock(now)
        plain = self.config.plain_contact or self.config.contact
        wanted = contact or plain
        if wanted == self.config.contact:
            return
        self.config = attrs.evolve(self.config, contact=wanted, plain_contact=plain if contact else "")
        if not self.over and self.state not in _UNANSWERED:
            if self.concern(TargetRefresh) is None:
                self.add_concern(TargetRefresh(self))
            self.settled(now)

    def check(self, now: float) -> None:
        """Ask the peer whether it is there (DLG-8); `CallRecovering` tells when it is not.

        Raises:
            LocalProtocolError: There is no dialog, or the call is over.
        """
        self._clock(now)
        check_peer(self)

    def _modifier(self, now: float) -> Modifier:
        self._clock(now)
        if self.leg is None or self.over:
            raise LocalProtocolError(f"a call in {self.state.name} has no session to change")
        for concern in self.concerns:
            if isinstance(concern, Modifier) and concern.is_for(self.leg):
                return concern
        modifier = Modifier(self, self.leg, self._now)
        self.add_concern(modifier)
        return modifier

    def answer_offer(self, media: Media, now: float) -> None:
        """Accept the offer of an `OfferReceived` with what we can take.

        Raises:
            LocalProtocolError: There is none that waits.
            NegotiationError: The offer has nothing that we can take; it still waits.
        """
        self._waiting_offer(now).answer(media, now)

    def reject_offer(self, status_code: int, now: float, extra: Iterable[tuple[str, str]] = ()) -> None:
        """Refuse the offer of an `OfferReceived`; the session stays as it was (RFC 3261 §14.2).

        Args:
            status_code: 300 to 699.
            now: Current time in seconds.
            extra: More header fields, such as Retry-After.

        Raises:
            LocalProtocolError: There is none that waits, or the status is none that refuses.
        """
        self._waiting_offer(now).reject(status_code, now, tuple(extra))

    def _waiting_offer(self, now: float) -> OfferServer | OfferInResponse:
        self._clock(now)
        for concern in self.concerns:
            if isinstance(concern, OfferServer | OfferInResponse) and concern.waiting:
                return concern
        raise LocalProtocolError("no offer of the peer waits for an answer")
