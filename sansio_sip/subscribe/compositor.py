"""The event state compositor: keeps what is published, by entity-tag and for a time (RFC 3903 §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RemoteProtocolError
from ..machine import Outbox
from ..message import build_response
from ..message.names import is_token
from ..table import NEVER
from .admission import AdmissionRefused, granted_expires, requested_package
from .events import StatePublished, SubscribeEvent
from .publication import Publication, resource_of
from .publication_store import PublicationStore

if TYPE_CHECKING:
    from ..ids import Ids
    from ..machine import Transmit
    from ..message import Request
    from ..outbound import Outbound
    from ..transaction import TransactionKey
    from .compositor_config import CompositorConfig
    from .package import EventPackage

__all__ = ["Compositor"]

_Fields = tuple[tuple[str, str], ...]


class Compositor:
    """Processes PUBLISH requests, each whole or not at all.

    Args:
        config: See `CompositorConfig`.
        now: Current time in seconds.
        ids: Makes the entity-tags.
        outbound: Its transaction layer sends the answers.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ("_closing", "_ids", "_now", "_outbound", "_packages", "_store", "config", "out", "refused",
                 "scheduled")  # fmt: skip

    def __init__(
        self,
        config: CompositorConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        outbox: Outbox[SubscribeEvent] | None = None,
    ) -> None:
        self.config = config
        self.out: Outbox[SubscribeEvent] = Outbox() if outbox is None else outbox
        self.scheduled = NEVER  # a parent's earliest queue entry for this machine
        self.refused = 0
        self._ids = ids
        self._now = now
        self._outbound = outbound
        self._packages = {package.name: package for package in config.packages}
        self._store = PublicationStore()
        self._closing = False

    def __len__(self) -> int:
        return len(self._store)

    def publications(self, resource: str, package: str) -> tuple[Publication, ...]:
        """Return what is published for a resource, the latest PUBLISH last."""
        return self._store.of(resource, package)

    # The shape of a machine

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self._outbound.layer.next_transmit()

    def next_event(self) -> SubscribeEvent | None:
        """Pop one event."""
        return self.out.next_event()

    @property
    def deadline(self) -> float | None:
        """When the next publication expires."""
        return self._store.deadline

    def handle_timeout(self, now: float) -> None:
        """Drop what has expired."""
        self._now = max(now, self._now)
        while (gone := self._store.pop_expired(self._now)) is not None:
            self._report(gone.resource, gone.package)

    def close(self, now: float) -> None:
        """Forget everything and refuse what comes; may be called again without effect."""
        self._now = max(now, self._now)
        self._closing = True
        self._store.clear()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closing

    # PUBLISH

    def receive_request(
        self, key: TransactionKey, request: Request, now: float, *, username: str = ""
    ) -> None:
        """Take a PUBLISH and answer it (RFC 3903 §6).

        Args:
            key: Its transaction.
            request: The PUBLISH.
            now: Current time in seconds.
            username: Whose password the publisher knows, for events.
        """
        self._now = max(now, self._now)
        try:
            status, fields = 200, self._publish(request, username)
        except RemoteProtocolError as error:
            status = error.status_hint
            fields = error.fields if isinstance(error, AdmissionRefused) else ()
        response = build_response(request, status, to_tag=self._ids.tag(), extra=fields)
        self._outbound.layer.respond(key, response, self._now)

    def _publish(self, request: Request, username: str) -> _Fields:
        """Do what a PUBLISH asks for and return the fields of its 200, step by step as in §6."""
        resource = self._resource(request)
        _, package = requested_package(request, self._packages)
        known = self._matched(request, resource, package)
        expires = granted_expires(request, package)
        self._check_body(request, package, known)
        if known is None and expires:
            self._check_room(resource, package)
        etag = self._ids.tag()
        if known is not None:
            self._store.remove(known)
        if expires:
            told = known if known is not None and not request.body else None
            content_type, body = (
                (request.content_type or "", request.body) if told is None else (told.content_type, told.body)
            )
            until = self._now + expires
            self._store.add(Publication(resource, package.name, etag, content_type, body, until))
        if request.body or (known is not None and not expires):
            self._report(resource, package.name, username)
        return (("Expires", str(expires)), ("SIP-ETag", etag))

    def _resource(self, request: Request) -> str:
        resource = resource_of(request.uri)
        domains = self.config.domains
        if domains and resource.rpartition("@")[2] not in domains:
            raise AdmissionRefused("we keep no state of this resource", 404)
        return resource

    def _matched(self, request: Request, resource: str, package: EventPackage) -> Publication | None:
        tags = request.get_all("sip-if-match")
        if not tags:
            return None
        if len(tags) > 1 or not is_token(tags[0]):
            raise AdmissionRefused("not one entity-tag", 400)
        known = self._store.find(tags[0])
        if known is None or (known.resource, known.package) != (resource, package.name):
            raise AdmissionRefused("no such publication", 412)
        return known

    def _check_body(self, request: Request, package: EventPackage, known: Publication | None) -> None:
        if request.body and request.content_type != package.content_type:
            raise AdmissionRefused("not a body of the package", 415, (("Accept", package.content_type),))
        if not request.body and known is None:
            raise AdmissionRefused("neither a body nor an entity-tag", 400)

    def _check_room(self, resource: str, package: EventPackage) -> None:
        own = len(self._store.of(resource, package.name))
        full = len(self._store) >= self.config.max_publications or own >= self.config.max_per_resource
        if full or self._closing:
            self.refused += 1
            raise AdmissionRefused("no room", 503, (("Retry-After", str(self.config.retry_after)),))

    def _report(self, resource: str, package: str, username: str = "") -> None:
        published = self.publications(resource, package)
        self.out.events.append(StatePublished(resource, package, published, username))
