"""One state of what several devices publish of a resource (RFC 3903 §10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from .event_state import EMPTY_STATE, FixedState
from .package import PRESENCE
from .pidf import parse_pidf, presence_state
from .presence import compose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .publication import Publication

__all__ = ["composed_state"]


def composed_state(publications: Sequence[Publication]) -> FixedState:
    """Return what watchers of a resource are told.

    A single publication is passed on octet for octet. Presence of several devices becomes one document;
    of other packages, and where one of the documents cannot be read, the latest PUBLISH counts.

    Args:
        publications: What is published now, the latest last; nothing gives the neutral state.
    """
    if not publications:
        return EMPTY_STATE
    latest = publications[-1]
    if len(publications) > 1 and latest.content_type == PRESENCE.content_type:
        try:
            documents = tuple([parse_pidf(publication.body) for publication in publications])
        except ParseError:
            return FixedState(latest.content_type, latest.body)
        return presence_state(compose(documents[-1].entity, documents))
    return FixedState(latest.content_type, latest.body)
