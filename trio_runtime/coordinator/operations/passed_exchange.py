"""What is under way between two calls that descriptions pass between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.invite import SessionBody

__all__ = ["Exchange", "Said"]


@attrs.define(eq=False)
class Exchange:
    """An offer of one peer that waits for what the other one says to it.

    Attributes:
        asker: The call whose peer has made the offer, or has asked for one.
        other: The call in which it goes on.
        silent: Whether nobody waits for the outcome in the call of the asker: the offer was withdrawn, or it
            is we who want both to agree anew.
        acknowledged: Whether the answer will come with the asker's ACK: it had asked for an offer.
        renewal: Whether the calls cannot go on when it comes to nothing.
    """

    asker: str
    other: str
    silent: bool = False
    acknowledged: bool = False
    renewal: bool = False


@attrs.define
class Said:
    """What was said in a call of ours before anybody was told.

    Attributes:
        body: The description.
        reliable: Whether it came in a response that is acknowledged.
    """

    body: SessionBody
    reliable: bool
