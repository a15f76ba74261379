"""Calling somebody into a conference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import CallError
from trio_runtime.bridge.conference_membership import ConferenceMembership
from trio_runtime.bridge.dial_out import DialOut
from trio_runtime.bridge.members import ConferenceRole
from trio_runtime.events import conference_types as facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trio_runtime.base.account_config import Account
    from trio_runtime.base.types import SessionId

__all__ = ["ConferenceDialling"]


class ConferenceDialling(ConferenceMembership):
    """Brings in those who do not call themselves."""

    async def dial_out(
        self,
        uri: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        account: Account | str | None = None,
        gain: float = 1.0,
        muted: bool = False,
        role: ConferenceRole = ConferenceRole.SPEAKER,
        on_named: Callable[[SessionId], None] | None = None,
    ) -> DialOut:
        """Call somebody, let them in when they answer, and return then; cancelled, it hangs up.

        Args:
            uri: SIP URI of the callee.
            headers: More header fields for the INVITE.
            account: Who calls; see `SessionCoordinator.start_call`. None is the URI of the conference, where
                it has one.
            gain: How loud the others hear them: 1.0 as it is, 0 to 16.
            muted: Whether they are muted.
            role: What they may do.
            on_named: Gets the id of the call before anything is sent or happens.

        Returns:
            The call, and how it ended when they did not come in: refused, not answered, hung up.

        Raises:
            LimitExceededError: There is no room.
            CallStateError: The conference is locked, or over.
            InvalidUriError: The URI cannot be called, or a header cannot be sent.
            PortsExhaustedError: No media port is left.
        """
        self._check_room_for(None)
        call = self._operations.start_call(uri, headers, account, self.config.uri, on_named)
        try:
            await self._come(call)
            self._let_in(call, gain=gain, muted=muted, role=role, dialled_out=True)
        except CallError:
            end = call.end
            call.hang_up()
            if end is None:
                raise
            self._publish(facts.DialOutFailed(call.id, self.name, uri, end))
            return DialOut(call, end)
        except BaseException:
            call.hang_up()
            raise
        return DialOut(call, None)

    @property
    def refusal(self) -> int:
        """Status with which one more is refused now: 486 for full, 403 for locked; 0 when there is room."""
        return 403 if self.locked else 486 if self._full else 0
