"""What the user of an agent can want of conferences: as their focus, and as one who takes part (RFC 4579)."""

from __future__ import annotations

from ..subscribe import referral_report
from .sender import focus_contact
from .usage_verbs import UsageVerbs
from .whole_request import check_address

__all__ = ["FocusVerbs"]


class FocusVerbs(UsageVerbs):
    """The verbs of an `Agent` that concern conferences."""

    __slots__ = ()

    # What others see

    def open_focus(self, focus: str, now: float) -> None:
        """Be the focus of a conference: an OPTIONS at its URI is told so (RFC 4579 §5.6).

        Args:
            focus: Its URI.
            now: Current time in seconds.

        Raises:
            LocalProtocolError: It is no SIP URI, there is a conference at it, or there are ``max_foci``.
        """
        self._core.clock(now)
        self._core.foci.open(focus)

    def close_focus(self, focus: str, now: float) -> None:
        """Be its focus no more; one that is unknown is no error."""
        self._core.clock(now)
        self._core.foci.close(focus)

    def focus_at(self, uri: str) -> str:
        """Return the URI of the conference that a URI means, empty when it means none.

        Each has two kinds: its own, and the Contact of its calls, which names a host of ours.
        """
        return self._core.foci.find(uri)

    def act_as_focus(self, session: str, focus: str, now: float) -> None:
        """Let a call lead into a conference, or no more: from now on its Contact says so (RFC 4579 §5.1).

        Before the call is answered, its answer is the first to say it; afterwards an UPDATE or a re-INVITE
        does so, as soon as one can be sent.

        Args:
            session: Name of the call.
            focus: URI of the conference; its user stands in Contact, with ``isfocus``. Empty ends it.
            now: Current time in seconds.

        Raises:
            LocalProtocolError: There is no such call, or it is no URI.
        """
        self._calls.find(session)
        contact = ""
        if focus:
            check_address(f"<{focus}>")
            contact = focus_contact(self._core.config, focus)
        self._with(session, now, lambda call, at: call.change_contact(contact, at))

    # What others are

    def remote_focus(self, session: str) -> str:
        """Return the URI at which the peer of a call is the focus of a conference, empty when it is none."""
        call = self._calls.get(session)
        leg = None if call is None else call.leg
        return leg.dialog.remote_target if leg is not None and leg.peer_is_focus else ""

    # What others want of us outside of calls (RFC 3515)

    def accept_referral(self, subscription: str, now: float) -> None:
        """Accept a `ReferRequested`; what becomes of it is told by `report_referral`.

        Raises:
            LocalProtocolError: There is no such subscription, or it was decided about.
        """
        self.accept_subscription(subscription, referral_report(100), now)

    def report_referral(self, subscription: str, status_code: int, now: float, *, reason: str = "") -> None:
        """Report the status of the request that a REFER made us send; a final one is the last (§2.4.5).

        When the sender is gone, or wants no reports, it has no effect.

        Args:
            subscription: Its name.
            status_code: The status.
            now: Current time in seconds.
            reason: The phrase that came with it.

        Raises:
            LocalProtocolError: There is no such status, or the REFER was not accepted.
        """
        state = referral_report(status_code, reason)
        notifiers = self._usages.notifiers
        notifier = notifiers.get(subscription)
        if notifier is None:
            return
        if status_code < 200:
            notifier.notify(state, self._core.clock(now))
        else:
            notifier.terminate("noresource", self._core.clock(now), state=state)
        self._usages.settle(notifier)
        self._settle()
