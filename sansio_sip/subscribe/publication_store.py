"""What is published now: found by entity-tag and by resource, gone at its time (RFC 3903 §6)."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .publication import Publication

__all__ = ["PublicationStore"]

# A publisher may refresh every second what lives for a day; what that leaves in the queue is swept out.
_SLACK = 64


class PublicationStore:
    """Publications in memory."""

    __slots__ = ("_by_etag", "_by_resource", "_expiries")

    def __init__(self) -> None:
        self._by_etag: dict[str, Publication] = {}
        self._by_resource: dict[tuple[str, str], dict[str, Publication]] = {}
        self._expiries: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._by_etag)

    def find(self, etag: str) -> Publication | None:
        """Return the publication that an entity-tag names."""
        return self._by_etag.get(etag)

    def of(self, resource: str, package: str) -> tuple[Publication, ...]:
        """Return what is published for a resource, the latest PUBLISH last."""
        return tuple(self._by_resource.get((resource, package), {}).values())

    @property
    def deadline(self) -> float | None:
        """When the next publication expires."""
        expiries = self._expiries
        while expiries and expiries[0][1] not in self._by_etag:
            heapq.heappop(expiries)  # refreshed, modified or removed in the meantime
        return expiries[0][0] if expiries else None

    def pop_expired(self, now: float) -> Publication | None:
        """Remove and return a publication whose time is over."""
        deadline = self.deadline
        if deadline is None or deadline > now:
            return None
        publication = self._by_etag[self._expiries[0][1]]
        self.remove(publication)
        return publication

    def add(self, publication: Publication) -> None:
        """Keep a publication."""
        slot = (publication.resource, publication.package)
        self._by_etag[publication.etag] = publication
        self._by_resource.setdefault(slot, {})[publication.etag] = publication
        if len(self._expiries) > 2 * len(self._by_etag) + _SLACK:
            self._expiries = [(known.expires_at, etag) for etag, known in self._by_etag.items()]
            heapq.heapify(self._expiries)
        else:
            heapq.heappush(self._expiries, (publication.expires_at, publication.etag))

    def remove(self, publication: Publication) -> None:
        """Forget a publication."""
        slot = (publication.resource, publication.package)
        del self._by_etag[publication.etag]
        own = self._by_resource[slot]
        del own[publication.etag]
        if not own:
            del self._by_resource[slot]

    def clear(self) -> None:
        """Forget everything."""
        self._by_etag.clear()
        self._by_resource.clear()
        self._expiries.clear()
