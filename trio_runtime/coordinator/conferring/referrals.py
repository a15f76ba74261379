"""What is wanted of a conference by REFER: somebody called in, or a member hung up (RFC 4579 §5.5, §5.11)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.base.errors import CallStateError, InvalidUriError, LimitExceededError, VoipError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sansio_sip.headers import ReferTo
    from sansio_sip.invite import ReferReceived
    from sansio_sip.subscribe import ReferRequested
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge import Conference
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.coordinator.operations.transfers import Report
    from trio_runtime.dialog import Watched
    from trio_runtime.session import Call

__all__ = ["ConferenceReferrals"]

_PATIENCE = 180.0  # seconds; as long as who has asked hears how it goes


@attrs.frozen
class _Wish:
    """What somebody wants, and how he is answered.

    Attributes:
        refer_to: Whom it is about.
        headers: What an INVITE is to carry.
        accept: Takes it on.
        refuse: Refuses it with a status.
        report: Tells how far it is.
    """

    refer_to: ReferTo
    headers: tuple[tuple[str, str], ...]
    accept: Callable[[], None]
    refuse: Callable[[int], None]
    report: Report


class ConferenceReferrals:
    """Does what those want who may, of conferences that have a URI and leave it to us.

    Args:
        operations: Answers REFERs in calls, and follows calls.
        watched: Answers those outside of calls.
        find: Gives the conference of a URI.
        of_call: Gives the conference that a call is in.
        start_soon: Starts a task that lives as long as the coordinator.
    """

    def __init__(
        self,
        operations: CallOps,
        watched: Watched,
        find: Callable[[str], Conference | None],
        of_call: Callable[[str], tuple[Conference, Call] | None],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self._operations = operations
        self._watched = watched
        self._find = find
        self._of_call = of_call
        self._start_soon = start_soon

    def in_call(self, event: ReferReceived) -> bool:
        """Take a REFER of a member in its call; False when it is the application's."""
        found = self._of_call(event.session)
        if found is None or found[0].config.uri is None or found[0].config.referrers == "none":
            return False
        (conference, call), refer, operations = found, event.refer, self._operations
        wish = _Wish(
            event.refer_to,
            event.headers,
            partial(operations.accept_refer, call.id, refer),
            lambda status: operations.reject_refer(call.id, refer, status),
            operations.reporter(call.id, refer),
        )
        self._judge(conference, call, wish)
        return True

    def outside(self, event: ReferRequested) -> None:
        """Take a REFER to the URI of a conference; to what is none it is declined."""
        conference, name, watched = self._find(event.request.uri), event.subscription, self._watched
        refuse = partial(watched.reject, name)
        if conference is None or conference.config.referrers == "none":
            refuse(603)
            return
        wish = _Wish(
            event.referral.refer_to,
            event.referral.headers,
            partial(watched.accept_referral, name),
            refuse,
            partial(watched.report_referral, name),
        )
        self._judge(conference, str(event.request.from_.uri), wish)

    def _judge(self, conference: Conference, who: Call | str, wish: _Wish) -> None:
        method = wish.refer_to.method
        if not conference.may_refer(who):
            wish.refuse(403)
        elif method == "BYE":
            wish.accept()
            self._start_soon(lambda: self._hang_up(conference.members_at(wish.refer_to.target), wish.report))
        elif method != "INVITE":
            wish.refuse(501)
        elif conference.refusal:
            wish.refuse(conference.refusal)
        else:
            wish.accept()
            self._start_soon(lambda: self._call_in(conference, wish))

    async def _hang_up(self, calls: tuple[Call, ...], report: Report) -> None:
        for call in calls:
            call.hang_up()
        for call in calls:
            await call.ended()
        report(200 if calls else 404, "")

    async def _call_in(self, conference: Conference, wish: _Wish) -> None:
        transfers = self._operations.transfers
        told = wish.report

        def follow(session_id: SessionId) -> None:
            nonlocal told
            transfers.follow(session_id, wish.report)
            told = partial(transfers.report, session_id)  # which says nothing when the call has said it

        try:
            with trio.move_on_after(_PATIENCE):
                await conference.dial_out(wish.refer_to.target, headers=wish.headers, on_named=follow)
        except VoipError as error:
            told(_status_of(error), "")


def _status_of(error: VoipError) -> int:
    match error:
        case InvalidUriError():
            return 400
        case LimitExceededError():
            return 486
        case CallStateError():
            return 403
        case _:
            return 503
