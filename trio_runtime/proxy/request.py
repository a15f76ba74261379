"""A request that wants to be routed, as the routing function sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.message import Uri, escape_user, unescape
from trio_runtime.session import CallHeaders

if TYPE_CHECKING:
    from sansio_sip.machine import Endpoint
    from sansio_sip.message import Request

__all__ = ["ProxyRequest"]


class ProxyRequest:
    """What `route` decides about.

    Only `uri`, the routes and the host that it came from should decide: what is the same in these is taken
    for a loop when it comes back to us (RFC 5393 §4.2.1).

    Args:
        request: The request, without the routes that name us.
        source: Where it came from.

    Attributes:
        method: Its method, such as ``INVITE``.
        uri: Its Request-URI: who is called.
        source: Transport, host and port that it came from.
        headers: Its header fields.
        body: Its body.
    """

    __slots__ = ("_request", "body", "headers", "method", "source", "uri")

    def __init__(self, request: Request, source: Endpoint) -> None:
        self._request = request
        self.method = request.method
        self.uri = request.uri
        self.source = source
        self.headers = CallHeaders(request)
        self.body = request.body

    def __repr__(self) -> str:
        return f"<ProxyRequest {self.method} {self.uri} from {self.source.host}:{self.source.port}>"

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
