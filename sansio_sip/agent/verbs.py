"""What the user of an agent can want: calls, answers, requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ParseError
from ..message import Uri, parse_uri
from ..outbound import next_hop
from .base import AgentBase
from .sender import focus_contact
from .whole_request import check_address, whole_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..invite import SessionBody
    from ..message import BodyPart
    from ..outbound import Way
    from ..sdp import LocalMedia
    from .sender import Sender, Voice

__all__ = ["AgentVerbs"]


_CALL_METHODS = frozenset({"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE"})


def _check_uri(uri: str, *, through_proxy: bool) -> None:
    try:
        parsed = parse_uri(uri)
        if not through_proxy:
            next_hop(uri)
    except ParseError as error:
        raise LocalProtocolError(f"{uri!r} cannot be called: {error}") from error
    if isinstance(parsed, Uri) and parsed.headers:
        raise LocalProtocolError(f"{uri!r} cannot be called: it has header parts (RFC 3261 §19.1.1)")


class AgentVerbs(AgentBase):
    """The verbs of an `Agent`."""

    __slots__ = ()

    def _begin(self, uri: str, now: float, sender: Sender | None = None, ways: Sequence[Way] = ()) -> Voice:
        self._core.clock(now)
        voice = self._voice(sender)
        _check_uri(uri, through_proxy=bool(voice.routes or ways))
        if ways:
            voice = voice._replace(routes=())
        if self._reception.closing:
            raise LocalProtocolError("the agent is closing")
        return voice

    def invite(
        self,
        uri: str,
        media: LocalMedia | None,
        now: float,
        *,
        headers: Iterable[tuple[str, str]] = (),
        from_: str = "",
        session: str = "",
        late_offer: bool = False,
        parts: Sequence[BodyPart] = (),
        sender: Sender | None = None,
        ways: Sequence[Way] = (),
        focus: str = "",
    ) -> str:
        """Call ``uri`` and return the name of the call.

        Args:
            uri: SIP URI of the callee.
            media: What to offer; ``None`` for a call without media.
            now: Current time in seconds.
            headers: More header fields.
            from_: From value instead of the agent's own address.
            session: Name that the user chose for the call; made here when empty.
            late_offer: Whether the callee makes the offer, in its 2xx; ``media`` answers it.
            parts: More body parts, as those of a `ReferReceived`.
            sender: Who calls; by default the agent as it is configured.
            ways: Where the callee is, such as `way_to` makes of its bindings, past our own proxies; tried one
                after the other until one answers, or refuses for all (6xx).
            focus: URI of the conference that calls, or empty. It stands in From where nothing else does, and
                its user in Contact, with ``isfocus`` (RFC 4579 §5.2).

        Raises:
            LocalProtocolError: The agent is closing, the URI is none, the name is taken, or a value
                cannot stand in a message.
        """
        voice = self._begin(uri, now, sender, ways)
        if from_:
            check_address(from_)
            voice = voice._replace(address=from_)
        if focus:
            check_address(f"<{focus}>")
            voice = voice._replace(contact=focus_contact(self._core.config, focus))
            if not from_ and sender is None:
                voice = voice._replace(address=f"<{focus}>")
        session = self._calls.invite(uri, media, headers, voice, session, late_offer, parts, ways)
        self._settle()
        return session

    def call_id(self, session: str) -> str:
        """Return the Call-ID of a call, empty when it is gone already."""
        found = self._calls.get(session)
        return "" if found is None else found.call_id

    def ring(
        self,
        session: str,
        now: float,
        status_code: int = 180,
        *,
        media: LocalMedia | SessionBody | None = None,
        reliable: bool | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Send a provisional response, with early media or without; see `InviteServer.ring`."""
        server = self._calls.find_server(session)
        server.ring(self._core.clock(now), status_code, media=media, reliable=reliable, extra=headers)
        self._calls.settle(server)

    def answer(
        self,
        session: str,
        media: LocalMedia | SessionBody | None,
        now: float,
        *,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Accept a call; see `InviteServer.answer`."""
        server = self._calls.find_server(session)
        server.answer(media, self._core.clock(now), headers)
        self._calls.settle(server)

    def reject(
        self,
        session: str,
        status_code: int,
        now: float,
        *,
        reason: str = "",
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Refuse a call; see `InviteServer.reject`."""
        server = self._calls.find_server(session)
        server.reject(status_code, self._core.clock(now), reason, headers)
        self._calls.settle(server)
        self._settle()

    def hang_up(self, session: str, now: float) -> None:
        """End a call in whatever state it is; one that is gone is no error."""
        found = self._calls.get(session)
        if found is not None:
            found.hang_up(self._core.clock(now))
            self._calls.settle(found)
            self._settle()

    def request(
        self,
        method: str,
        uri: str,
        now: float,
        *,
        headers: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
        timeout: float | None = None,
        sender: Sender | None = None,
        way: Way | None = None,
    ) -> int:
        """Send a request outside of any call; its end is an event with the number returned (MSG-11, TXN-10).

        Args:
            method: Method.
            uri: Request-URI.
            now: Current time in seconds.
            headers: Header fields. From, To, Call-ID, CSeq, Max-Forwards, Contact and User-Agent are made
                here only where they are not among them, so a whole request can be given.
            content_type: Media type of the body.
            body: Body octets.
            timeout: Seconds after which there is no answer; by default 5 for OPTIONS and 64·T1 for others,
                after which a transaction ends whatever was wanted.
            sender: Who asks; by default the agent as it is configured.
            way: Where the user at ``uri`` is, past our own proxies, as `way_to` makes it of a binding.

        Raises:
            LocalProtocolError: The agent is closing, the method is one that only a call can send, or
                a value cannot stand in a message.
        """
        voice = self._begin(uri, now, sender, () if way is None else (way,))
        if method in _CALL_METHODS:
            raise LocalProtocolError(f"{method} is only sent in calls")
        if timeout is not None and not timeout > 0:
            raise LocalProtocolError(f"timeout {timeout!r} is not above zero")
        request = whole_request(self._core, voice, method, uri, headers, content_type, body)
        number = self._services.requests.send(request, timeout, voice.credentials, way)
        self._settle()
        return number
