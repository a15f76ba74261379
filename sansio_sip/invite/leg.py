"""One leg of a call: a dialog, early or confirmed, with the offer/answer state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import DialogState
from ..dialog.route import checked_routes
from ..errors import ParseError
from ..info import InfoNegotiation
from ..sdp import NegotiationError
from ..subscribe.conference import is_focus
from .hold import held_by_peer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialog import Dialog
    from ..info import InfoSupport
    from ..message import Message, Response
    from .negotiation import Body, Media, Negotiation

__all__ = ["Leg"]


def _names_focus(message: Message) -> bool:
    try:
        return is_focus(message.contacts[0])
    except ParseError:
        return False


class Leg:
    """A dialog of a call; a forked INVITE makes several (RFC 3261 §13.2.2.4, RFC 6337 §2.2).

    Attributes:
        dialog: The dialog.
        negotiation: Its offers and answers.
        rseq: Number of the last reliable provisional response that was taken in order (RFC 3262 §4).
        peer_allows: Methods that the peer's last Allow names; empty before there was one.
        offer_due: Whether an INVITE of ours left the offer to the peer and it has not come yet.
        peer_is_focus: Whether the peer's last Contact says that it leads into a conference (RFC 4579 §5.2).
        pracks: How many of our PRACKs are not answered yet.
        owner: Whether we made the Call-ID, which decides who waits longer after a glare.
        info: Info Packages of both sides (RFC 6086); ``None`` when we take no part.
    """

    __slots__ = ("dialog", "info", "negotiation", "offer_due", "owner", "peer_allows", "peer_is_focus",
                 "pracks", "rseq")  # fmt: skip

    def __init__(
        self,
        dialog: Dialog,
        negotiation: Negotiation,
        *,
        owner: bool,
        offer_due: bool = False,
        packages: Iterable[InfoSupport] | None = None,
    ) -> None:
        self.dialog = dialog
        self.negotiation = negotiation
        self.owner = owner
        self.info = None if packages is None else InfoNegotiation(packages)
        self.offer_due = offer_due
        self.pracks = 0
        self.peer_allows: tuple[str, ...] = ()
        self.peer_is_focus = False
        self.rseq: int | None = None

    def __repr__(self) -> str:
        return f"<Leg {self.dialog!r} {self.negotiation.state.name}>"

    @property
    def early(self) -> bool:
        """Whether the call has no 2xx on this leg yet."""
        return self.dialog.state is DialogState.EARLY

    def learn(self, message: Message) -> None:
        """Note what the peer allows, and what it is."""
        if message.get("allow") is not None:
            self.peer_allows = message.allow
        contact = message.get("contact")
        if contact is not None:
            self.peer_is_focus = "isfocus" in contact.lower() and _names_focus(message)

    def learn_packages(self, message: Message) -> None:
        """Take the Info Packages of the peer from what is sent reliably; damaged ones change nothing."""
        if self.info is not None:
            try:
                self.info.receive(message)
            except ParseError:
                return

    def allows(self, method: str) -> bool:
        """Return whether the peer has named a method in Allow."""
        return method in self.peer_allows

    @property
    def remote_held(self) -> bool:
        """Whether the peer does not want to hear us, although we would speak (RFC 3264 §8.4)."""
        return held_by_peer(self.negotiation.agreed)

    def confirm(self, response: Response) -> None:
        """Take the 2xx of an early leg: only route set and target are read again (RFC 3261 §13.2.2.4).

        Raises:
            ParseError: Contact or a Record-Route cannot be read; nothing was changed.
        """
        routes = checked_routes(reversed(response.record_routes))
        self.dialog.refresh_target(response)
        self.dialog.route_set = routes
        self.dialog.state = DialogState.CONFIRMED

    def preview(self, response: Response) -> bool:
        """Take the description of a response that may be lost; return whether it had one for us.

        Only the first exchange of a call is previewed: what is agreed is not put at risk.

        Raises:
            ProtocolError: The description cannot be used.
        """
        negotiation = self.negotiation
        first = negotiation.answerable and not negotiation.begun
        description = negotiation.read(response) if first else None
        if description is None:
            return False
        negotiation.receive_preview(description)
        return True

    def exchange(self, response: Response, media: Media | None) -> Body | None:
        """Take the answer or the offer of a reliable response to an INVITE of ours.

        Whatever else comes is neither: one INVITE has one exchange (RFC 6337 §3.1).

        Args:
            response: The response.
            media: What answers an offer.

        Returns:
            Our answer to an offer, else nothing. An offer of which we can take nothing is answered too:
            it cannot be refused (RFC 6337 §2.3). ``None`` where bodies pass: it is still to be answered.

        Raises:
            ProtocolError: The description cannot be used.
        """
        negotiation = self.negotiation
        description = negotiation.read(response)
        if description is None:
            return b""
        if negotiation.answerable:
            negotiation.receive_answer(description)
        elif self.offer_due:
            self.offer_due = False
            negotiation.receive_offer(description)
            return None if negotiation.passes else self._answer_or_decline(media)
        return b""

    def _answer_or_decline(self, media: Media | None) -> Body:
        try:
            return self.negotiation.decline() if media is None else self.negotiation.answer(media)
        except NegotiationError:
            return self.negotiation.decline()
