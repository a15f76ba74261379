"""What the user of an agent can want of the media of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..invite import held, resumed
from .verbs import AgentVerbs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..invite import InviteSession, SessionBody
    from ..sdp import LocalMedia

__all__ = ["MediaVerbs"]


class MediaVerbs(AgentVerbs):
    """The verbs of an `Agent` that change the media of a call or answer such a change.

    Each raises `LocalProtocolError` when there is no such call or its state does not allow it.
    """

    __slots__ = ()

    def update_media(
        self,
        session: str,
        media: LocalMedia | SessionBody | None,
        now: float,
        *,
        late_offer: bool = False,
        by_update: bool = False,
        insist: bool = False,
    ) -> None:
        """Change the media; `MediaNegotiated` or `UpdateFailed` tells the outcome.

        Args:
            session: Name of the call.
            media: What we can take from now on, or the offer that passes; ``None`` only refreshes the dialog.
            now: Current time in seconds.
            late_offer: Whether a re-INVITE leaves the offer to the peer; where bodies pass without ``media``.
            by_update: Whether an UPDATE is preferred where the peer takes one.
            insist: Whether a change that met one of the peer is tried again where bodies pass, too.

        Raises:
            LocalProtocolError: There is no such call or no dialog, a change is on its way, or a body passes
                only through calls that are said to be for that.
        """

        def update(call: InviteSession, at: float) -> None:
            call.update_media(media, at, late_offer=late_offer, by_update=by_update, insist=insist)

        self._with(session, now, update)

    def local_media(self, session: str) -> LocalMedia:
        """Return our side of what was agreed on last.

        Raises:
            LocalProtocolError: There is no such call, or it has no media.
        """
        return self._calls.find(session).local_media

    def hold(self, session: str, now: float) -> None:
        """Put the peer on hold (RFC 3264 §8.4)."""
        self._with(session, now, lambda call, at: call.update_media(held(call.local_media), at))

    def resume(self, session: str, now: float) -> None:
        """Take the peer back from hold."""
        self._with(session, now, lambda call, at: call.update_media(resumed(call.local_media), at))

    def answer_offer(self, session: str, media: LocalMedia | SessionBody, now: float) -> None:
        """Accept the offer of an `OfferReceived`.

        Raises:
            LocalProtocolError: No offer waits.
            NegotiationError: The offer has nothing that we can take; it still waits.
        """
        self._with(session, now, lambda call, at: call.answer_offer(media, at))

    def reject_offer(
        self, session: str, status_code: int, now: float, *, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Refuse the offer of an `OfferReceived`; what was agreed before holds."""
        self._with(session, now, lambda call, at: call.reject_offer(status_code, at, headers))

    def lose_media(self, session: str, now: float) -> None:
        """End a call because nothing is heard of its peer any more, with a BYE that says so (RFC 3326)."""
        self._with(session, now, lambda call, at: call.lose_media(at))

    def _with(self, session: str, now: float, verb: Callable[[InviteSession, float], None]) -> None:
        call = self._calls.find(session)
        verb(call, self._core.clock(now))
        self._calls.settle(call)
        self._settle()
