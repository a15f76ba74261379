"""What can be wanted of a call that concerns others: transfers, and conferences that it leads into."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sansio_sip.errors import ParseError
from sansio_sip.message import parse_uri
from trio_runtime.base.errors import InvalidUriError
from trio_runtime.dialog.call_verbs import CallVerbs

__all__ = ["ReferVerbs"]


class ReferVerbs(CallVerbs):
    """The verbs of a `DialogManager` about REFER; see `CallVerbs` for what they raise."""

    def refer(
        self,
        session: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        on_sent: Callable[[int], None],
        method: str = "",
    ) -> None:
        """Ask the peer to call ``target``; ``on_sent`` gets the number of the REFER before anything happens.

        Raises:
            InvalidUriError: The URI is none.
        """
        try:
            parse_uri(target)
        except ParseError as error:
            raise InvalidUriError(f"{target!r} cannot be called: {error}") from error
        self._do(
            session,
            lambda agent, now: on_sent(agent.refer(session, target, now, headers=headers, method=method)),
        )

    def refer_to_call(self, session: str, other: str, on_sent: Callable[[int], None]) -> None:
        """Ask the peer to take the place of us in another call; see `refer`."""
        self._do(session, lambda agent, now: on_sent(agent.refer_to_call(session, other, now)))

    def accept_refer(self, session: str, refer: int) -> None:
        """Accept a REFER of the peer; one that is over is no error."""
        self._do(session, lambda agent, now: agent.accept_refer(session, refer, now))

    def reject_refer(self, session: str, refer: int, status_code: int, reason: str) -> None:
        """Refuse a REFER of the peer; one that is over is no error."""
        self._do(
            session, lambda agent, now: agent.reject_refer(session, refer, status_code, now, reason=reason)
        )

    def notify_progress(self, session: str, refer: int, status_code: int, reason: str) -> None:
        """Report to the peer what became of its REFER; one that is over is no error."""
        self._do(
            session, lambda agent, now: agent.notify_progress(session, refer, status_code, now, reason=reason)
        )

    def remote_focus(self, session: str) -> str:
        """Return the URI at which the peer is the focus of a conference; empty when it is none, or gone."""
        return self.endpoint.agent.remote_focus(session)
