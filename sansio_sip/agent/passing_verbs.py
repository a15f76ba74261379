"""What the user of an agent can want of calls through which session descriptions pass from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..invite import InviteServer
from .media_verbs import MediaVerbs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..invite import SessionBody
    from ..outbound import Way
    from .sender import Sender

__all__ = ["PassingVerbs"]


class PassingVerbs(MediaVerbs):
    """The verbs of an `Agent` for who connects two calls without media of his own (RFC 7092 §3.1.1).

    Bodies go from one call to the other as they came. What the agent holds is who may say something: whether
    an offer is open, in which message its answer goes, that it is repeated until it has arrived. For the peer
    of each call all is as with any other. `AnswerReceived` and `OfferReceived` have what is to be passed on,
    and come before the progress or the answer in whose message they were.
    """

    __slots__ = ()

    def invite_passing(
        self,
        uri: str,
        body: SessionBody | None,
        now: float,
        *,
        reliable: bool = True,
        headers: Iterable[tuple[str, str]] = (),
        session: str = "",
        sender: Sender | None = None,
        ways: Sequence[Way] = (),
    ) -> str:
        """Call ``uri`` for who is in another call, and return the name of the call; bodies pass through it.

        Args:
            uri: SIP URI of the callee.
            body: What to offer; ``None`` leaves the offer to the callee.
            now: Current time in seconds.
            reliable: Whether the callee may ring reliably. It should not where the caller does not take that
                (see `takes_reliable`): an offer in such a response waits for him (RFC 3262 §5).
            headers: More header fields.
            session: Name that the user chose for the call; made here when empty.
            sender: Who calls; by default the agent as it is configured.
            ways: Where the callee is, as in `invite`.

        Raises:
            LocalProtocolError: As `invite` does.
        """
        voice = self._begin(uri, now, sender, ways)
        session = self._calls.invite(
            uri, body, headers, voice, session, False, (), ways, passes=True, reliable=reliable
        )
        self._settle()
        return session

    def takes_reliable(self, session: str) -> bool:
        """Return whether the caller of a call takes reliable provisional responses; False for other calls."""
        found = self._calls.get(session)
        return isinstance(found, InviteServer) and found.knows_reliable

    def pass_bodies(self, session: str, now: float, *, passes: bool = True) -> None:
        """Let bodies pass through a call that came in; until something of ours is said.

        From then on `ring`, `answer`, `update_media` and `answer_offer` take a `SessionBody`, and no other.

        Args:
            session: Name of the call.
            now: Current time in seconds.
            passes: Whether they pass; else the call describes its own media, as it does by default.

        Raises:
            LocalProtocolError: There is no such call that came in, it waits for no answer, or something is
                said already.
        """
        self._calls.find_server(session).pass_bodies(self._core.clock(now), passes=passes)

    def pass_progress(
        self,
        session: str,
        now: float,
        status_code: int,
        body: SessionBody | None,
        *,
        reliable: bool,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Send a provisional response that came in another call.

        Args:
            session: Name of the call.
            now: Current time in seconds.
            status_code: 101 to 199.
            body: The description that came with it, ``None`` for none.
            reliable: Whether it came reliably: it goes so to a caller that knows that, or else demands it.
            headers: More header fields.

        Raises:
            LocalProtocolError: The call is not waiting for an answer any more, or cannot be told of an offer.
        """
        server, at = self._calls.find_server(session), self._core.clock(now)
        chosen = None if body is None else server.passed_reliably(reliable=reliable)
        server.ring(at, status_code, media=body, reliable=chosen, extra=headers)
        self._calls.settle(server)

    def peer_body(self, session: str) -> SessionBody | None:
        """Return what the peer of a call said last: its open offer, or its part of what is agreed.

        ``None`` where it has said nothing, where no bodies pass, and when the call is over.
        """
        found = self._calls.get(session)
        return None if found is None else found.negotiation.peer_body

    def withdraw_update(self, session: str, now: float) -> None:
        """Take back a change that is not agreed on; see `ChangeVerbs.withdraw_update`."""
        self._with(session, now, lambda call, at: call.withdraw_update(at))
