"""What can be wanted of calls through which session descriptions pass, told the agent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from sansio_sip.errors import LocalProtocolError
from trio_runtime.base.errors import InvalidUriError
from trio_runtime.dialog.refer_verbs import ReferVerbs

if TYPE_CHECKING:
    from sansio_sip.agent import Agent, Sender
    from sansio_sip.invite import SessionBody
    from sansio_sip.outbound import Way

__all__ = ["PassingVerbs"]


class PassingVerbs(ReferVerbs):
    """The verbs of a `DialogManager` for who connects two calls without media of his own; see `CallVerbs`."""

    def invite_passing(
        self,
        session: str,
        uri: str,
        caller: str,
        headers: Iterable[tuple[str, str]],
        on_started: Callable[[str], None],
        sender: Sender | None = None,
        ways: Sequence[Way] = (),
    ) -> None:
        """Call ``uri`` with the offer that a caller has made; without one the offer is left to the callee.

        Args:
            session: Name of the call.
            uri: SIP URI of the callee.
            caller: Name of the call of whoever calls.
            headers: More header fields.
            on_started: Called with the Call-ID before anything is sent and any event is handed out.
            sender: Who calls; the agent as it is configured when ``None``.
            ways: Where the callee is registered with us.

        Raises:
            InvalidUriError: The URI cannot be called, or a header cannot be sent.
        """
        agent, pump, now = self.endpoint.agent, self.endpoint.pump, self._environment.clock.now()
        try:
            body, reliable = agent.peer_body(caller), agent.takes_reliable(caller)
            agent.invite_passing(
                uri, body, now, reliable=reliable, headers=headers, session=session, sender=sender, ways=ways
            )
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error
        on_started(agent.call_id(session))
        pump.flush()

    def pass_bodies(self, session: str, *, passes: bool) -> None:
        """Let descriptions pass through a call that came in, or no more."""
        self._do(session, lambda agent, now: agent.pass_bodies(session, now, passes=passes))

    def pass_progress(
        self, session: str, status_code: int, body: SessionBody | None, *, reliable: bool
    ) -> None:
        """Send a provisional response that came in another call."""
        self._do(
            session,
            lambda agent, now: agent.pass_progress(session, now, status_code, body, reliable=reliable),
        )

    def pass_answer(self, session: str, body: SessionBody | None, headers: Iterable[tuple[str, str]]) -> None:
        """Accept a call with what was said in another one."""
        self._do(session, lambda agent, now: agent.answer(session, body, now, headers=headers))

    def pass_offer(
        self, session: str, body: SessionBody | None, *, by_update: bool = False, insist: bool = False
    ) -> None:
        """Offer what was offered in another call; without a body the peer is asked for an offer.

        Args:
            session: Name of the call.
            body: The offer.
            by_update: Whether an UPDATE is preferred.
            insist: Whether it is tried again when it met a change of the peer; else that is told.
        """

        def change(agent: Agent, now: float) -> None:
            late = body is None
            agent.update_media(session, body, now, late_offer=late, by_update=by_update, insist=insist)

        self._do(session, change)

    def refresh(self, session: str) -> None:
        """Tell the peer where we are now, and say nothing else."""
        self._do(session, lambda agent, now: agent.update_media(session, None, now))

    def withdraw_offer(self, session: str) -> None:
        """Take back such an offer; what becomes of it is an event."""
        self._do(session, lambda agent, now: agent.withdraw_update(session, now))

    def answer_offer(self, session: str, body: SessionBody) -> None:
        """Answer an offer of the peer with what was said in another call."""
        self._do(session, lambda agent, now: agent.answer_offer(session, body, now))

    def reject_offer(self, session: str, status_code: int, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Refuse an offer of the peer; the session stays as it was."""
        self._do(session, lambda agent, now: agent.reject_offer(session, status_code, now, headers=headers))

    def peer_body(self, session: str) -> SessionBody | None:
        """Return what the peer of a call said last; ``None`` for nothing, or when the call is over."""
        return self.endpoint.agent.peer_body(session)
