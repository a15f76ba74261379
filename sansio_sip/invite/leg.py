"""One leg of a call: a dialog, early or confirmed, with the offer/answer state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import DialogState
from ..dialog.route import checked_routes

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..message import Message, Response
    from .offer_answer import OfferAnswer

__all__ = ["Leg"]


class Leg:
    """A dialog of a call; a forked INVITE makes several (RFC 3261 §13.2.2.4, RFC 6337 §2.2).

    Attributes:
        dialog: The dialog.
        negotiation: Its offers and answers.
        rseq: Number of the last reliable provisional response that was taken in order (RFC 3262 §4).
        peer_allows: Methods that the peer's last Allow names; empty before there was one.
        owner: Whether we made the Call-ID, which decides who waits longer after a glare.
    """

    __slots__ = ("dialog", "negotiation", "owner", "peer_allows", "rseq")

    def __init__(self, dialog: Dialog, negotiation: OfferAnswer, *, owner: bool) -> None:
        self.dialog = dialog
        self.negotiation = negotiation
        self.owner = owner
        self.peer_allows: tuple[str, ...] = ()
        self.rseq: int | None = None

    def __repr__(self) -> str:
        return f"<Leg {self.dialog!r} {self.negotiation.state.name}>"

    @property
    def early(self) -> bool:
        """Whether the call has no 2xx on this leg yet."""
        return self.dialog.state is DialogState.EARLY

    def learn(self, message: Message) -> None:
        """Note what the peer allows."""
        if message.get("allow") is not None:
            self.peer_allows = message.allow

    def allows(self, method: str) -> bool:
        """Return whether the peer has named a method in Allow."""
        return method in self.peer_allows

    def confirm(self, response: Response) -> None:
        """Take the 2xx of an early leg: only route set and target are read again (RFC 3261 §13.2.2.4).

        Raises:
            ParseError: Contact or a Record-Route cannot be read; nothing was changed.
        """
        routes = checked_routes(reversed(response.record_routes))
        self.dialog.refresh_target(response)
        self.dialog.route_set = routes
        self.dialog.state = DialogState.CONFIRMED
