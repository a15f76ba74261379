"""What may be done to a conference and its members while it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.subscribe import resource_of
from trio_runtime.base.errors import MediaError
from trio_runtime.base.types import SessionId
from trio_runtime.bridge.members import ConferenceRole, Member
from trio_runtime.events import conference_types as facts
from trio_runtime.media import MemberLeft, SpeakerChanged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trio_runtime.bridge.conference_config import ConferenceConfig
    from trio_runtime.bridge.conference_operations import ConferenceOperations
    from trio_runtime.media import RoomEvent
    from trio_runtime.session import Call

__all__ = ["ConferenceControls"]


class ConferenceControls:
    """The members of a conference, and what they may do.

    Attributes:
        name: Names it in events and lists.
        config: What it was opened with.
        created_at: Time at which it was opened, in seconds of the coordinator's clock.
        max_members: How many calls it takes; it may be changed.
    """

    def __init__(self, name: str, operations: ConferenceOperations, config: ConferenceConfig) -> None:
        self.name = name
        self.config = config
        self.created_at = operations.now()
        self.max_members = config.max_members
        self._operations = operations
        self._members: dict[SessionId, Member] = {}
        self._locked = False
        self._room = operations.open_room(self._told, rate=config.rate)

    @property
    def members(self) -> tuple[Call, ...]:
        """The calls in it, in the order in which they came."""
        return tuple([member.call for member in self._members.values()])

    @property
    def locked(self) -> bool:
        """Whether nobody is let in any more; it may be set."""
        return self._locked

    @locked.setter
    def locked(self, locked: bool) -> None:
        if locked is not self._locked:
            self._locked = locked
            self._publish(facts.ConferenceLocked(self.name, locked))
            self._changed()

    def mute(self, call: Call, muted: bool = True) -> None:
        """Let nobody hear a member, or let them again; it still hears the others.

        Raises:
            MediaError: The call is not in it.
        """
        member = self._member(call)
        if muted is not member.muted:
            member.muted = muted
            self._apply(member)

    def mute_all(self, *, except_: Iterable[Call] = ()) -> None:
        """Mute all members but moderators and some others; who comes later is not."""
        spared = {call.id for call in except_}
        for member in list(self._members.values()):
            if member.role is not ConferenceRole.MODERATOR and member.call.id not in spared:
                self.mute(member.call)

    def unmute_all(self) -> None:
        """Let everybody be heard again whose role allows it."""
        for member in list(self._members.values()):
            self.mute(member.call, False)

    def set_role(self, call: Call, role: ConferenceRole) -> None:
        """Give a member another role; whether it is muted stays.

        Raises:
            MediaError: The call is not in it.
        """
        member = self._member(call)
        if role is not member.role:
            member.role = role
            self._apply(member)

    def set_gain(self, call: Call, gain: float) -> None:
        """Set how loud the others hear a member: 1.0 as it is, 0 to 16.

        Raises:
            MediaError: The call is not in it, or `gain` is out of range.
        """
        member = self._member(call)
        self._room.set_gain(call.id, gain)
        member.gain = gain

    def may_watch(self, uri: str) -> bool:
        """Return whether somebody may subscribe to its state, as `ConferenceConfig` says."""
        if self.config.watchers == "all":
            return True
        watcher = resource_of(uri)
        return any(resource_of(call.remote_uri) == watcher for call in self.members)

    def may_refer(self, who: Call | str) -> bool:
        """Return whether somebody may have others called in or hung up, as `ConferenceConfig` says.

        Args:
            who: A member's call; or a URI, which has the rights of all the calls in it that are its.
        """
        wanted = self.config.referrers
        roles = [member.role for member in self._members.values() if self._is(member.call, who)]
        if wanted == "moderators":
            return ConferenceRole.MODERATOR in roles
        return wanted == "members" and bool(roles)

    def members_at(self, uri: str) -> tuple[Call, ...]:
        """Return the calls in it that are with a URI."""
        return tuple([call for call in self.members if self._is(call, uri)])

    def _is(self, call: Call, who: Call | str) -> bool:
        if isinstance(who, str):
            return resource_of(call.remote_uri) == resource_of(who)
        return call is who

    def _member(self, call: Call) -> Member:
        member = self._members.get(call.id)
        if member is None:
            raise MediaError("the call is not in the conference")
        return member

    def _apply(self, member: Member) -> None:
        self._room.mute(member.call.id, member.silent)
        self._publish(facts.MemberChanged(member.call.id, self.name, member.role.value, member.muted))
        self._changed(member.call.remote_uri)

    def _publish(self, event: facts.ConferenceEvent) -> None:
        self._operations.publish_event(event)

    def _changed(self, *uris: str) -> None:
        """Take note that users have come, gone or are others than before; without any, the conference is."""
        self._operations.conference_changed(self.name, frozenset(uris))

    def _gone(self, session_id: SessionId) -> None:
        """Take note that the media of a member is over."""

    def _told(self, event: RoomEvent) -> None:
        match event:
            case SpeakerChanged(session) if session in self._members:
                self._publish(facts.SpeakerChanged(SessionId(session), self.name))
            case MemberLeft(session, True):
                self._gone(SessionId(session))
            case _:
                return
