"""Who decides about an offer of the peer inside a call, and how long that may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .media_events import OfferReceived
from .session_body import SessionBody

if TYPE_CHECKING:
    from ..message import Response
    from .config import InviteConfig
    from .negotiation import Description, Negotiation

__all__ = ["offer_event", "passed_fields", "patience_for", "takes_undecided"]

_OF_A_REFUSAL = frozenset({"retry-after", "warning"})


def offer_event(session: str, offer: Description | None, method: str) -> OfferReceived:
    """Return what asks the user."""
    if isinstance(offer, SessionBody):
        return OfferReceived(session, None, method, offer)
    return OfferReceived(session, offer, method)


def patience_for(config: InviteConfig, negotiation: Negotiation, method: str) -> float | None:
    """Return the seconds that the user has; ``None`` asks nobody.

    Who passes bodies asks somebody else, who may ask his user: as long as a re-INVITE of ours waits. An
    UPDATE or PRACK waits no longer than its transaction does.
    """
    if not negotiation.passes:
        return config.offer_patience
    timeout = config.timers.timeout
    return config.reinvite_patience + timeout if method == "INVITE" else 0.75 * timeout


def takes_undecided(config: InviteConfig, negotiation: Negotiation, *, repeated: bool) -> bool:
    """Return whether an offer is taken that nobody has decided about.

    Args:
        config: What the user wants.
        negotiation: Offers and answers of the dialog.
        repeated: Whether it is the one before: a refresh, which is answered with what was said before.
    """
    if negotiation.passes:
        return repeated
    return config.offer_patience is None or config.accept_undecided


def passed_fields(response: Response | None) -> tuple[tuple[str, str], ...]:
    """Return the header fields of a refusal that mean the same to who has made the offer.

    Args:
        response: The refusal, ``None`` where there was none.
    """
    if response is None:
        return ()
    return tuple([(name, value) for key, name, value in response.fields if key in _OF_A_REFUSAL])
