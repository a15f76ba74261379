"""A request that wants to be routed, as the routing function sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.message import Uri, escape_user, unescape
from trio_runtime.base.errors import VoipError
from trio_runtime.session import CallHeaders

if TYPE_CHECKING:
    from sansio_sip.machine import Endpoint
    from sansio_sip.message import Request
    from sansio_sip.proxy import Target
    from trio_runtime.proxy.phones import Phones

__all__ = ["ProxyRequest"]


class ProxyRequest:
    """What `route` decides about.

    Only `uri`, the routes and the host that it came from should decide: what is the same in these is taken
    for a loop when it comes back to us (RFC 5393 §4.2.1).

    Args:
        request: The request, without the routes that name us.
        source: Where it came from.
        phones: Where the users of our registrar are, or ``None`` without one.

    Attributes:
        method: Its method, such as ``INVITE``.
        uri: Its Request-URI: who is called.
        source: Transport, host and port that it came from.
        headers: Its header fields.
        body: Its body.
    """

    __slots__ = ("_phones", "_request", "body", "headers", "method", "source", "uri")

    def __init__(self, request: Request, source: Endpoint, phones: Phones | None = None) -> None:
        self._request = request
        self._phones = phones
        self.method = request.method
        self.uri = request.uri
        self.source = source
        self.headers = CallHeaders(request)
        self.body = request.body

    def __repr__(self) -> str:
        return f"<ProxyRequest {self.method} {self.uri} from {self.source.host}:{self.source.port}>"

    def registered(self, uri: str | None = None) -> list[Target]:
        """Return where a user is registered: a target for each phone, with its q.

        Each is reached by the way that it registered by: its connection, what its NAT gave it, its Path, or
        its Contact. The list is an answer of `route`, or a group in one: those of one q ring together.

        Args:
            uri: Address of record, or what names one phone of it (a GRUU); who is called when ``None``.

        Returns:
            None at all for who has no phone now, or is of no domain of the registrar.

        Raises:
            VoipError: There is no registrar.
        """
        return self._our_phones.targets(self.uri if uri is None else uri)

    @property
    def is_for_a_user(self) -> bool:
        """Whether the called one is a user of the registrar, or may be: not each knows its users."""
        return self._our_phones.may_exist(self.uri)

    @property
    def _our_phones(self) -> Phones:
        if self._phones is None:
            raise VoipError("there is no registrar: open it with registrar=RegistrarConfig(...)")
        return self._phones

    @property
    def user(self) -> str:
        """User part of the Request-URI, escaped in one way only; empty when it has none."""
        uri = self._request.request_uri
        if not isinstance(uri, Uri):
            return str(uri).partition(":")[2].partition(";")[0]
        return "" if uri.user is None else escape_user(unescape(uri.user))

    @property
    def host(self) -> str:
        """Host of the Request-URI in lower case; empty for a number."""
        uri = self._request.request_uri
        return uri.host.lower() if isinstance(uri, Uri) else ""

    @property
    def caller(self) -> str:
        """URI of the From header: who calls, as it says itself."""
        return str(self._request.from_.uri)

    @property
    def called(self) -> str:
        """URI of the To header: who was called in the first place."""
        return str(self._request.to.uri)

    @property
    def call_id(self) -> str:
        """Its Call-ID."""
        return self._request.call_id
