"""The calls of an agent: their verbs, their timers, and when they are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..dialog import SnapshotReader
from ..errors import LocalProtocolError, NoSuchCallError
from ..invite import (
    UNRELATED,
    InviteClient,
    InviteServer,
    InviteSession,
    InviteState,
    RestoredCall,
    relation_of,
    restore_call,
)
from ..transaction import Schedule
from .sender import config_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ..dialog import DialogId
    from ..invite import SessionBody
    from ..message import BodyPart
    from ..outbound import Way
    from ..sdp import LocalMedia
    from ..transaction import RequestReceived, TransactionKey
    from .core import Core
    from .sender import Voice

__all__ = ["Calls"]


class Calls:
    """Holds every call from its first INVITE until nothing is owed to its peer.

    Args:
        core: What the parts of the agent share.
    """

    __slots__ = ("_by_invite", "_core", "_schedule", "_sessions", "registry")

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sessions: dict[str, InviteSession] = {}
        self._by_invite: dict[TransactionKey, InviteServer] = {}
        self._schedule = Schedule()
        self.registry: dict[DialogId, InviteSession] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def deadline(self) -> float | None:
        """The earliest timer of all calls."""
        return self._schedule.deadline

    def _common(self) -> dict[str, Any]:
        core = self._core
        return {
            "now": core.now,
            "ids": core.ids,
            "outbound": core.outbound,
            "registry": self.registry,
            "outbox": core.out,
        }

    def invite(
        self,
        uri: str,
        media: LocalMedia | SessionBody | None,
        headers: Iterable[tuple[str, str]],
        voice: Voice,
        session: str,
        late_offer: bool,
        parts: Sequence[BodyPart],
        ways: Sequence[Way],
        passes: bool = False,
        reliable: bool = True,
    ) -> str:
        """Start a call and return its name; ``reliable`` says whether it may ring reliably."""
        core = self._core
        if session in self._sessions:
            raise LocalProtocolError(f"there is a call {session!r} already")
        config = config_of(core.invite_config, voice, reliable=reliable)
        client = InviteClient(session or core.ids.tag(), config, **self._common())
        # fmt: off
        client.invite(
            uri, from_=voice.address, to=f"<{uri}>", media=media, now=core.now, late_offer=late_offer,
            extra=[*voice.route_fields, *headers], parts=parts, ways=ways, passes=passes,
        )
        # fmt: on
        self._sessions[client.session] = client
        core.counters.calls_out += 1
        self.settle(client)
        return client.session

    def receive_invite(self, event: RequestReceived, username: str = "") -> None:
        """Open a call for an INVITE outside of any dialog; ``username`` is whose password the caller knows.

        Raises:
            RemoteProtocolError: The INVITE cannot be answered.
        """
        core, (key, request, source) = self._core, event
        relation = relation_of(request, self.registry) if core.config.accept_replaces else UNRELATED
        server = InviteServer(core.ids.tag(), core.invite_config, **self._common())
        server.receive_invite(key, request, core.now, relation, username)
        self._sessions[server.session] = server
        self._by_invite[key] = server
        core.counters.calls_in += 1
        core.call_opened(server.session, request, source)
        self.settle(server)

    def restore(self, data: object, epoch: float) -> str:
        """Take over a call from its snapshot and return its name; see `restore_call`."""
        session = SnapshotReader(data).text("session")
        if session in self._sessions:
            raise LocalProtocolError(f"there is a call {session!r} already")
        call = RestoredCall(session, self._core.invite_config, **self._common())
        restore_call(call, data, epoch)
        self._sessions[session] = call
        self.settle(call)
        return session

    def release(self, session: str) -> None:
        """Forget a call without telling its peer."""
        call = self.find(session)
        call.release()
        self._forget(call)

    @property
    def invites(self) -> Collection[TransactionKey]:
        """The INVITE server transactions whose calls are not over."""
        return self._by_invite.keys()

    def get(self, session: str) -> InviteSession | None:
        """Return a call by name, or ``None``."""
        return self._sessions.get(session)

    def find(self, session: str) -> InviteSession:
        """Return a call by name.

        Raises:
            NoSuchCallError: There is none.
        """
        found = self._sessions.get(session)
        if found is None:
            raise NoSuchCallError(f"there is no call {session!r}")
        return found

    def find_server(self, session: str) -> InviteServer:
        """Return a call that came in by name.

        Raises:
            LocalProtocolError: There is none, or it is one that we made.
        """
        found = self.find(session)
        if not isinstance(found, InviteServer):
            raise LocalProtocolError(f"call {session!r} is an outgoing one")
        return found

    def cancelled(self, key: TransactionKey) -> InviteServer | None:
        """Return the call whose INVITE a CANCEL is for."""
        return self._by_invite.get(key)

    def settle(self, session: InviteSession) -> None:
        """After anything happened to a call: note its timer, or forget it."""
        self._schedule.update(session)
        if isinstance(session, InviteServer) and session.relation.replaced is not None:
            self._schedule.update(session.relation.replaced)
        if session.state is InviteState.TERMINATED:
            if isinstance(session, InviteServer):
                self._core.layer.release(session.key, self._core.now)
            if session.closed:
                self._forget(session)

    def _forget(self, session: InviteSession) -> None:
        if self._sessions.pop(session.session, None) is not None:
            session.dissolve()
            if isinstance(session, InviteServer):
                self._by_invite.pop(session.key, None)
                self._core.call_closed(session.session)

    def handle_timeout(self, now: float) -> None:
        """Fire every timer that is due."""
        while (session := self._schedule.pop_due(now)) is not None:
            session.handle_timeout(now)
            self.settle(cast("InviteSession", session))

    def close(self, now: float) -> None:
        """Hang up every call."""
        for session in list(self._sessions.values()):
            session.close(now)
            self.settle(session)
