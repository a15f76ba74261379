"""Calls that are reserved, and calls that belong together: what an application does about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.coordinator.onward import onward_headers
from trio_runtime.coordinator.preparing import PreparedCall
from trio_runtime.coordinator.service import CoordinatorService

if TYPE_CHECKING:
    from trio_runtime.base.account_config import Account
    from trio_runtime.base.types import SessionId
    from trio_runtime.session import Call, LeaderEnd, SessionGroup

__all__ = ["RelatingVerbs"]


class RelatingVerbs(CoordinatorService):
    """The verbs of a coordinator about calls to be, and about several calls.

    Args:
        config: How it presents itself, listens and limits itself.
    """

    def prepare_call(
        self,
        uri: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        account: Account | str | None = None,
        on_behalf_of: Call | None = None,
        expires: float = 60.0,
    ) -> PreparedCall:
        """Return an async context manager that reserves a call: its id, its media port and its offer.

        Nothing is sent before `PreparedCall.start`. Leaving, cancelling and expiring free the port.

        Args:
            uri: SIP URI of the callee.
            headers: More header fields for the INVITE.
            account: Who calls; see `make_call`.
            on_behalf_of: A call that came in and goes on by this one; see `make_call`.
            expires: Seconds after which the port is freed when the call has not been started.

        Raises:
            ConfigurationError: There is no such account, or ``expires`` is not above 0.
        """
        if not expires > 0:
            raise ConfigurationError(f"must be above 0 s, not {expires!r}", field="expires")
        parts = self._parts
        sender = parts.registrations.sender(account)

        def make(reserved: SessionId) -> Call:
            more = () if on_behalf_of is None else onward_headers(on_behalf_of)
            return parts.sessions.start(uri, [*headers, *more], sender, reserved=reserved)

        return PreparedCall(uri, sender, expires, parts.preparations, make)

    def open_group(
        self, name: str, *, max_members: int = 1_000, on_leader_end: LeaderEnd = "keep"
    ) -> SessionGroup[Call]:
        """Return a named set of calls, which exists from now on; leaving its block hangs up all in it.

        Args:
            name: Its name; `find_group` finds it by that.
            max_members: How many calls it takes.
            on_leader_end: ``end_all`` hangs up the others when the leader's call ends.

        Raises:
            ConfigurationError: A value cannot be used, or there is a group of that name.
            LimitExceededError: There are too many groups.
        """
        groups = self._parts.operations.groups
        return groups.open(name, max_members=max_members, on_leader_end=on_leader_end)

    def find_group(self, name: str) -> SessionGroup[Call] | None:
        """Return a group that is not closed, or ``None``."""
        return self._parts.operations.groups.find(name)
