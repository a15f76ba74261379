"""The legs of a caller: one for each branch of a forked INVITE (RFC 3261 §13.2.2, DLG-5, DLG-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog
from ..errors import ProtocolError
from ..message import Message, Request, Response
from .bye import ByeRequest
from .events import CallAnswered
from .leg import Leg
from .modify import Modifier
from .session import InviteSession
from .states import InviteState

if TYPE_CHECKING:
    from .acks import Acknowledger
    from .negotiation import Body, Media

__all__ = ["ClientLegs"]


class ClientLegs(InviteSession):
    """Makes legs from responses, lets one win, and ends the others."""

    __slots__ = ("_acks", "_answer", "_invite", "_legs", "_local_media")

    _acks: Acknowledger
    _answer: Response
    _invite: Request
    _legs: dict[str, Leg]
    _local_media: Media | None

    def _early_leg(self, response: Response) -> Leg | None:
        """Return the leg of a 1xx, a new one for a new To tag (§12.1.2, §13.2.2.1)."""
        tag = response.to_tag
        leg = self._legs.get(tag)
        if leg is None:
            if not tag or len(self._legs) >= self.config.max_forks:
                return None
            try:
                leg = self._new_leg(response)
            except ProtocolError:
                return None  # the final answer makes the dialog, if its headers can be read
            self._register(leg.dialog.id)
        leg.learn(response)
        self.leg = leg
        return leg

    def _new_leg(self, response: Response) -> Leg:
        dialog = Dialog.from_response(self._invite, response)
        due, packages = not self._first_offer.is_open, self.config.info_packages
        leg = Leg(dialog, self._first_offer.fork(), owner=True, offer_due=due, packages=packages)
        self._legs[response.to_tag] = leg
        return leg

    def _confirmed_leg(self, response: Response) -> Leg:
        leg = self._legs.get(response.to_tag) or self._new_leg(response)
        leg.confirm(response)
        leg.learn(response)
        leg.learn_packages(response)
        return leg

    def _win(self, leg: Leg, response: Response) -> None:
        """Let the call run on a leg from now on; what waits to be changed is changed there."""
        self._register(leg.dialog.id)
        self.leg = leg
        self._answer = response
        self.timer_agreed(self._invite, response, self._now)
        for concern in self.concerns:
            if isinstance(concern, Modifier):
                concern.follow(leg, self._now)

    def _leg_of(self, request: Request) -> Leg | None:
        if self.leg is not None and not self.leg.early:
            return super()._leg_of(request)
        return self._legs.get(request.from_tag)

    def _drop_legs(self, _message: Message | None = None) -> None:
        """Forget every early leg: the final response of this INVITE has ended them (§13.2.2.3)."""
        self._legs.clear()
        self.leg = None
        self.forget()

    def _drop_losers(self) -> None:
        """Forget the legs that did not answer for 64·T1 after the first 2xx (§13.2.2.4)."""
        for leg in self._legs.values():
            if leg is not self.leg:
                self.registry.pop(leg.dialog.id, None)
        self._legs.clear()

    def _acknowledge_again(self, message: Message | None) -> None:
        """Repeat the ACK for a repeated 2xx; that of another branch is acknowledged, and one has to go."""
        if not isinstance(message, Response) or self._acks.repeat(message, self._now) or self._acks.full:
            return
        try:
            leg = self._confirmed_leg(message)
        except ProtocolError:
            return  # nothing can be sent to it; it gives up by itself
        preferred = self._prefers(leg, message)
        self._acks.acknowledge(
            self._invite, leg.dialog, self._answer_late(leg, message, preferred), self._now
        )
        loser = self.require_leg() if preferred else leg
        if preferred:
            self._win(leg, message)
            self.report_media(leg)
            self.out.events.append(CallAnswered(self.session, message))
        ByeRequest(self, loser.dialog).send(self._now)

    def _prefers(self, leg: Leg, response: Response) -> bool:
        """Return whether a later 2xx wins; where bodies pass, the first has been told to somebody."""
        if self.state is not InviteState.ESTABLISHED or leg.negotiation.passes:
            return False
        return self.config.prefers(response, self._answer)

    def _answer_late(self, leg: Leg, response: Response, preferred: bool) -> Body:
        try:
            answer = leg.exchange(response, self._local_media if preferred else None)
        except ProtocolError:
            answer = b""
        if answer is None:  # nobody is asked: the other branch has the call
            answer = leg.negotiation.decline()
        leg.negotiation.conclude()
        return answer
