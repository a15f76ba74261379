"""What an application does with a coordinator: call, serve, register, ask, confer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Unpack

import attrs
import trio

from trio_runtime.base.errors import CallStateError, ConfigurationError
from trio_runtime.bridge import ConferenceConfig
from trio_runtime.bridge.conference import Conference
from trio_runtime.coordinator.asking_verbs import AskingVerbs
from trio_runtime.coordinator.onward import onward_headers
from trio_runtime.coordinator.outgoing import OutgoingCall
from trio_runtime.coordinator.registering.block import RegisteredBlock
from trio_runtime.coordinator.relating import RelatingVerbs

if TYPE_CHECKING:
    from trio_runtime.base.account_config import Account
    from trio_runtime.base.types import Address
    from trio_runtime.bridge import Conference, ConferenceOptions
    from trio_runtime.coordinator.reception import CallTask
    from trio_runtime.coordinator.registering.registration import Registration
    from trio_runtime.session import Call

__all__ = ["CoordinatorVerbs"]


class CoordinatorVerbs(RelatingVerbs, AskingVerbs):
    """The verbs of a `SessionCoordinator`.

    Args:
        config: How it presents itself, listens and limits itself.
    """

    # Calling

    def make_call(
        self,
        uri: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        account: Account | str | None = None,
        on_behalf_of: Call | None = None,
        replaces: Call | None = None,
    ) -> OutgoingCall:
        """Return an async context manager that calls ``uri`` when entered and hangs up when left.

        Entering sends the INVITE and does not wait for an answer; `Call.answered` does.

        Args:
            uri: SIP URI of the callee.
            headers: More header fields for the INVITE.
            account: Who calls: an account, or the address of one that is configured or registered. The
                call goes by its registration where there is one.
            on_behalf_of: A call that came in and goes on by this one, as with `bridge`: it has a hop less, so
                that calls which are sent in a circle end.
            replaces: A call of ours with the same peer, whose place this one takes when it is answered (RFC
                3891): to go on as another account, or by another way. The peer hangs the old one up.
        """
        return OutgoingCall(
            lambda: self.start_call(
                uri, headers=headers, account=account, on_behalf_of=on_behalf_of, replaces=replaces
            )
        )

    def start_call(
        self,
        uri: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        account: Account | str | None = None,
        on_behalf_of: Call | None = None,
        replaces: Call | None = None,
        passes: bool = False,
    ) -> Call:
        """Call ``uri`` and return the call at once; it lasts until it is hung up, here or there.

        With ``passes`` the session description of the call on whose behalf it is made passes as it is, and
        there is no media of ours; see `IncomingCall.pass_descriptions`.

        Raises:
            ConfigurationError: There is no such account.
            InvalidUriError: The URI cannot be called, or a header cannot be sent.
            NotRegisteredError: A user of our own domains has no phone now.
            PortsExhaustedError: No media port is left.
            LimitExceededError: The other call has no hop left; it should be refused with 483.
            CallStateError: The call that is to be replaced has no dialog yet.
            CallEnded: It is over.
        """
        if passes and (on_behalf_of is None or not on_behalf_of.passes):
            raise CallStateError("there is no call whose descriptions pass")
        more = [] if on_behalf_of is None else list(onward_headers(on_behalf_of))
        if replaces is not None:
            if replaces.end is not None:
                raise replaces.error()
            more += self._parts.dialogs.endpoint.replacing_fields(replaces.id)
        sender = self._parts.registrations.sender(account)
        passing = on_behalf_of if passes else None
        return self._parts.sessions.start(uri, [*headers, *more], sender, passing=passing)

    # Being found

    def registered(
        self,
        account: Account | str | None = None,
        *,
        expires: int | None = None,
        patient: bool = False,
    ) -> RegisteredBlock:
        """Return an async context manager in which an account is registered.

        Entering waits until it is, leaving unregisters without waiting. Meanwhile it is refreshed, and
        registered anew when its connection is lost. See `Registration.registered` for errors.

        Args:
            account: The account, or its address; by default our own.
            expires: Seconds to register for; the account's own when ``None``.
            patient: Whether entering waits on while a registrar that cannot be reached is tried again.
        """
        return RegisteredBlock(lambda: self.register(account, expires=expires), patient=patient)

    def register(self, account: Account | str | None = None, *, expires: int | None = None) -> Registration:
        """Begin to register and return at once; it lasts until `Registration.unregister`, or our end.

        Raises:
            ConfigurationError: There is no such account, or a value of it cannot be used.
            LimitExceededError: There are ``max_registrations`` already.
        """
        registrations = self._parts.registrations
        return registrations.start(registrations.account(account), expires)

    async def serve(
        self, handler: CallTask, *, task_status: trio.TaskStatus[list[Address]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Run ``handler(call)`` for each incoming call, each in its own task, until cancelled.

        The handler's return ends its call. If it raises, that call ends with 500 or BYE and the
        failure is logged and published; others live.

        Args:
            handler: An async function that takes an `IncomingCall`.
            task_status: Reports the bound addresses to `trio.Nursery.start`.
        """
        await self._parts.reception.serve(handler, lambda: task_status.started(self.bound_addresses))

    def open_conference(self, **options: Unpack[ConferenceOptions]) -> Conference:
        """Return a conference, which exists from now on; leaving its ``async with`` block hangs up all in it.

        Args:
            options: Fields of `ConferenceConfig`, such as ``rate=16000``, ``max_members=20``, ``pin="2580"``.

        Raises:
            ConfigurationError: A value cannot be used, or there is a conference of that name or URI.
            LimitExceededError: Too many conferences are open.
        """
        known = {field.name for field in attrs.fields(ConferenceConfig)}
        for name in options:
            if name not in known:
                raise ConfigurationError("there is no such field", field=name)
        return self._parts.conferences.open(ConferenceConfig(**options))
