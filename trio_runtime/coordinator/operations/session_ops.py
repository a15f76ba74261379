"""Calls that we make: media first, then the INVITE, then the call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from sansio_sip.ids import Ids
from trio_runtime.base.types import CallDirection, SessionId
from trio_runtime.dialog import callee_speaks_six, way_speaks_six
from trio_runtime.events.types import SessionCreated
from trio_runtime.session import Call, CallHeaders

if TYPE_CHECKING:
    from sansio_sip.agent import Sender
    from sansio_sip.outbound import Way
    from sansio_sip.sdp import LocalMedia
    from trio_runtime.base.environment import Environment
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.dialog import DialogManager
    from trio_runtime.media import MediaManager, NoMedia
    from trio_runtime.session import SessionRegistry

__all__ = ["SessionOps"]


class SessionOps:
    """Starts calls.

    Args:
        environment: Randomness for their ids.
        dialogs: The signalling side.
        media: The media side.
        registry: Where calls are entered.
        operations: What calls are given to act with.
        local_uri: Our URI in these calls.
        proxy: URI of the outbound proxy, where there is one.
        created: Told of each call before anything is sent.
        ways_to: Gives where a user is registered with us; empty for strangers.
    """

    def __init__(
        self,
        environment: Environment,
        dialogs: DialogManager,
        media: MediaManager | NoMedia,
        registry: SessionRegistry,
        operations: CallOps,
        local_uri: str,
        proxy: str | None,
        created: Callable[[Call], None],
        ways_to: Callable[[str], Sequence[Way]],
    ) -> None:
        self._ids = Ids(environment.random_bytes)
        self._dialogs = dialogs
        self._media = media
        self._registry = registry
        self._operations = operations
        self._local_uri = local_uri
        self._created = created
        self._proxy = proxy
        self._ways_to = ways_to

    def fresh_name(self) -> str:
        """Return a name that nothing has yet."""
        return self._ids.tag()

    def start(
        self,
        uri: str,
        headers: Iterable[tuple[str, str]],
        sender: Sender | None = None,
        on_named: Callable[[SessionId], None] | None = None,
        focus: str = "",
        reserved: SessionId | None = None,
        ways: Sequence[Way] | None = None,
        passing: Call | None = None,
    ) -> Call:
        """Call ``uri``; see `SessionCoordinator.start_call`.

        Args:
            uri: SIP URI of the callee.
            headers: More header fields for the INVITE.
            sender: Who speaks; None is who always does.
            on_named: Gets the id of the call before anything is sent or happens.
            focus: URI of the conference that calls, or empty.
            reserved: Name that `reserve` gave; its media is used.
            ways: Where it is called instead of where it is registered with us.
            passing: Whose descriptions pass through it; it has no media of ours then.
        """
        ways = self._ways_to(uri) if ways is None else ways
        session_id = reserved or SessionId(self._ids.tag())
        call = Call(
            session_id,
            CallDirection.OUTGOING,
            self._operations,
            remote_uri=uri,
            local_uri=(focus or self._local_uri) if sender is None else sender.uri,
            sip_call_id="",
            headers=CallHeaders(),
        )
        try:
            if passing is not None:
                call.passes = True
                self._dialogs.invite_passing(
                    session_id,
                    uri,
                    passing.id,
                    headers,
                    lambda call_id: self._enter(call, call_id),
                    sender,
                    ways,
                )
                return call
            media = self._open_media(session_id, uri, sender, ways)
            if on_named is not None:
                on_named(session_id)
            self._dialogs.invite(
                session_id,
                uri,
                media,
                headers,
                lambda call_id: self._enter(call, call_id),
                sender,
                ways,
                focus,
            )
        except BaseException:
            self._media.close(session_id)
            raise
        return call

    def _open_media(
        self, session_id: SessionId, uri: str, sender: Sender | None, ways: Sequence[Way]
    ) -> LocalMedia | None:
        six = callee_speaks_six(uri, self._proxy, sender) if not ways else way_speaks_six(ways[0])
        self._media.places.expect(session_id, six=six)
        return self._media.open(session_id)

    def reserve(self, uri: str, sender: Sender | None) -> tuple[SessionId, LocalMedia | None]:
        """Take a name and media for a call to ``uri`` that may be made later; send nothing.

        Raises:
            PortsExhaustedError: No media port is left.
        """
        session_id = SessionId(self._ids.tag())
        try:
            return session_id, self._open_media(session_id, uri, sender, self._ways_to(uri))
        except BaseException:
            self._media.close(session_id)
            raise

    def release(self, session_id: SessionId) -> None:
        """Give back what was reserved."""
        self._media.close(session_id)

    def _enter(self, call: Call, call_id: str) -> None:
        call.sip_call_id = call_id
        self._registry.add(call)
        self._operations.publish(SessionCreated, call.id, call.direction, call.remote_uri)
        self._created(call)
