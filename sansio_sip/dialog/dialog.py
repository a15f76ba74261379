"""One dialog: the peer-to-peer relationship that a call or subscription keeps (RFC 3261 §12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RemoteProtocolError
from ..message import NameAddr, Request, Response
from .flow import flow_of
from .mapped import mapped_hop
from .route import caller_target, checked_routes, read_target, route_request
from .state import DialogId, DialogState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Message

__all__ = ["Dialog"]


class Dialog:
    """State of one dialog; it builds requests and judges those that come in.

    Attributes:
        call_id: Call-ID of every message in it.
        local_tag: Our tag.
        remote_tag: The peer's tag, empty for an RFC 2543 peer.
        local: Our From value with tag, as it is sent.
        remote: The peer's To value with tag, as it is sent.
        local_cseq: Number of the last request we sent.
        remote_cseq: Number of the last request that came, ``None`` before the first.
        remote_target: URI that the peer's last Contact gave.
        route_set: Route values in the order in which we send them.
        flow: The connection or socket to the peer, where it is known to be the peer's own.
        mapped_hop: URI of the address that a NAT has given to the peer, empty where its Contact is right.
        secure: Whether it was made by a ``sips`` request over TLS (§12.1.1).
        state: See `DialogState`.
    """

    # fmt: off
    __slots__ = ("call_id", "flow", "local", "local_cseq", "local_tag", "mapped_hop", "remote", "remote_cseq",
                 "remote_tag", "remote_target", "route_set", "secure", "state")
    # fmt: on

    def __init__(
        self,
        *,
        call_id: str,
        local: str,
        local_tag: str,
        remote: str,
        remote_tag: str,
        local_cseq: int,
        remote_cseq: int | None,
        remote_target: str,
        route_set: tuple[str, ...],
        secure: bool,
        flow: Endpoint | None = None,
        mapped_hop: str = "",
    ) -> None:
        self.call_id = call_id
        self.local = local
        self.local_tag = local_tag
        self.remote = remote
        self.remote_tag = remote_tag
        self.local_cseq = local_cseq
        self.remote_cseq = remote_cseq
        self.remote_target = remote_target
        self.route_set = route_set
        self.secure = secure
        self.flow = flow
        self.mapped_hop = mapped_hop
        self.state = DialogState.EARLY

    def __repr__(self) -> str:
        return f"<Dialog {self.state.name} {self.local_tag} with {self.remote_target}>"

    @classmethod
    def from_response(cls, request: Request, response: Response) -> Dialog:
        """Make the caller's side from a response with a To tag (§12.1.2).

        Raises:
            ParseError: Contact or a Record-Route cannot be read.
        """
        target = read_target(response) or request.uri  # without Contact, the address that we called
        routes = checked_routes(reversed(response.record_routes))
        return cls(
            call_id=request.call_id,
            local=request.get("from") or "",
            local_tag=request.from_tag,
            remote=response.get("to") or "",
            remote_tag=response.to_tag,
            local_cseq=request.cseq.number,
            remote_cseq=None,
            remote_target=target,
            route_set=routes,
            secure=request.uri.startswith("sips:"),
            flow=flow_of(response, target, routes),
            mapped_hop=mapped_hop(response, target, routes),
        )

    @classmethod
    def from_request(cls, request: Request, local_tag: str) -> Dialog:
        """Make the callee's side from the request that opens the dialog (§12.1.1).

        Raises:
            RemoteProtocolError: Contact is not there (§8.1.1.8), or it or a Record-Route cannot be read.
        """
        target, routes = caller_target(request), checked_routes(request.record_routes)
        return cls(
            call_id=request.call_id,
            local=f"{request.get('to') or ''};tag={local_tag}",
            local_tag=local_tag,
            remote=request.get("from") or "",
            remote_tag=request.from_tag,
            local_cseq=0,
            remote_cseq=request.cseq.number,
            remote_target=target,
            route_set=routes,
            secure=request.uri.startswith("sips:"),
            flow=flow_of(request, target, routes),
            mapped_hop=mapped_hop(request, target, routes),
        )

    @property
    def id(self) -> DialogId:
        """What messages are matched by (§12)."""
        return (self.call_id, self.local_tag, self.remote_tag)

    @property
    def next_hop(self) -> str:
        """URI of the next element: the first route, loose or strict, else where the remote target is."""
        first = self.route_set[0] if self.route_set else ""
        return str(NameAddr.parse(first).uri) if first else self.mapped_hop or self.remote_target

    def request(
        self, method: str, extra: Iterable[tuple[str, str]] = (), *, content_type: str = "", body: bytes = b""
    ) -> Request:
        """Build the next request in the dialog, without Via (§12.2.1.1).

        Args:
            method: Method; the CSeq number rises by one.
            extra: More header fields.
            content_type: Media type of the body.
            body: Body octets.
        """
        self.local_cseq += 1
        return self._build(method, self.local_cseq, extra, content_type, body)

    def renumbered(self, request: Request) -> Request:
        """Return a copy of an own request for a second try: without Via, with the next number."""
        again = request.copy()
        again.remove("via")
        self.local_cseq += 1
        again.set("CSeq", f"{self.local_cseq} {request.method}")
        return again

    def ack(self, cseq: int, extra: Iterable[tuple[str, str]] = (), *, body: bytes = b"") -> Request:
        """Build the ACK of a 2xx, with the number of the INVITE it is for (§13.2.2.4)."""
        return self._build("ACK", cseq, extra, "application/sdp" if body else "", body)

    def _build(
        self, method: str, cseq: int, extra: Iterable[tuple[str, str]], content_type: str, body: bytes
    ) -> Request:
        routing = route_request(self.remote_target, self.route_set)
        request = Request(method, routing.request_uri, body=body)
        for route in routing.routes:
            request.add("Route", route)
        request.add("Max-Forwards", "70")
        request.add("From", self.local)
        request.add("To", self.remote)
        request.add("Call-ID", self.call_id)
        request.add("CSeq", f"{cseq} {method}")
        for name, value in extra:
            request.add(name, value)
        if content_type:
            request.add("Content-Type", content_type)
        request.flow = self.flow
        return request

    def receive_request(self, request: Request) -> None:
        """Check and count the CSeq of a request in the dialog (§12.2.2).

        Raises:
            RemoteProtocolError: The number is lower than the last one (status 500).
        """
        number = request.cseq.number
        if self.remote_cseq is not None and number < self.remote_cseq:
            cause = f"CSeq {number} after {self.remote_cseq} in the same dialog"
            raise RemoteProtocolError(cause, status_hint=500)
        self.remote_cseq = number

    def refresh_target(self, message: Message) -> None:
        """Take a new remote target from a message that may carry one (§12.2.1.2, §12.2.2)."""
        if target := read_target(message):
            self.remote_target = target
            self.mapped_hop = mapped_hop(message, target, self.route_set)
        self.flow = flow_of(message, self.remote_target, self.route_set) or self.flow
