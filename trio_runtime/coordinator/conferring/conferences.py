"""The conferences of a coordinator: opened, listed, and given what they act with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sansio_sip.subscribe import ReferRequested, SubscriberGone, SubscriptionRequested
from trio_runtime.base.errors import ConfigurationError, SessionNotFoundError
from trio_runtime.bridge import Conference
from trio_runtime.coordinator.conferring.referrals import ConferenceReferrals
from trio_runtime.coordinator.conferring.watchers import ConferenceWatchers

if TYPE_CHECKING:
    from os import PathLike

    from trio_runtime.base.account_config import Account
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge import ConferenceConfig
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.coordinator.operations.session_ops import SessionOps
    from trio_runtime.coordinator.registering.registrations import Registrations
    from trio_runtime.dialog import Watched
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import Playable, Player, Recorder, Room, RoomEvent
    from trio_runtime.session import Call

__all__ = ["Conferences"]


class Conferences:
    """Holds the open conferences, and is the coordinator's side of each; see `ConferenceOperations`.

    Args:
        operations: What calls act with.
        sessions: Starts calls.
        registrations: Who speaks.
        watched: Those who watch us.
        epoch: Seconds since 1970 at the zero of the clock.
        start_soon: Starts a task that lives as long as the coordinator.

    Attributes:
        watchers: Who watches which conference.
        referrals: What others want of them.
    """

    def __init__(
        self,
        operations: CallOps,
        sessions: SessionOps,
        registrations: Registrations,
        watched: Watched,
        epoch: float,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self.now = operations.now
        self._operations = operations
        self._sessions = sessions
        self._registrations = registrations
        self._watched = watched
        self._start_soon = start_soon
        self._open: dict[str, Conference] = {}
        self.watchers = ConferenceWatchers(watched, epoch, self._open.values)
        self.referrals = ConferenceReferrals(
            operations, watched, self.watchers.find, self._of_call, start_soon
        )

    def __len__(self) -> int:
        return len(self._open)

    def handlers(self) -> dict[type[object], Callable[[Any], None]]:
        """Return what takes each event of those who are in no conference."""
        return {
            ReferRequested: self.referrals.outside,
            SubscriptionRequested: self.watchers.subscription_requested,
            SubscriberGone: self.watchers.subscriber_gone,
        }

    def __iter__(self) -> Iterator[Conference]:
        return iter(tuple(self._open.values()))

    def open(self, config: ConferenceConfig) -> Conference:
        """Open a conference.

        Raises:
            ConfigurationError: There is one of that name, or at that URI; or there are too many with a URI.
            MediaError: There is no audio here.
            LimitExceededError: Too many are open.
        """
        name = config.name or self._sessions.fresh_name()
        if name in self._open:
            raise ConfigurationError(f"there is a conference {name!r} already", field="name")
        if config.uri is not None:
            self._watched.open_focus(config.uri)
        try:
            conference = self._open[name] = Conference(name, self, config)
        except BaseException:
            self._close_focus(config)
            raise
        return conference

    def close(self) -> None:
        """Close all of them."""
        for conference in self:
            conference.close()

    def _of_call(self, session: str) -> tuple[Conference, Call] | None:
        for conference in self._open.values():
            for call in conference.members:
                if call.id == session:
                    return conference, call
        return None

    def _close_focus(self, config: ConferenceConfig) -> None:
        if config.uri is not None:
            self._watched.close_focus(config.uri)

    # What a conference asks

    def publish_event(self, event: SessionEvent) -> None:
        """Publish an event."""
        self._operations.publish_event(event)

    def start_soon(self, task: Callable[[], Awaitable[object]]) -> None:
        """Start a task that lives as long as the coordinator."""
        self._start_soon(task)

    def start_call(
        self,
        uri: str,
        headers: Iterable[tuple[str, str]],
        account: Account | str | None,
        focus: str | None,
        on_named: Callable[[SessionId], None] | None = None,
    ) -> Call:
        """Call somebody for a conference, whose URI is ``focus`` where it has one."""
        # Who calls is the conference, unless somebody else was named.
        sender = None if account is None and focus is not None else self._registrations.sender(account)
        return self._sessions.start(uri, headers, sender, on_named, focus or "")

    def act_as_focus(self, session_id: SessionId, focus: str) -> None:
        """Let a call show that it leads into a conference, or into none; one that is over is no error."""
        with suppress(SessionNotFoundError):
            self._watched.act_as_focus(session_id, focus)

    def conference_changed(self, name: str, uris: frozenset[str] = frozenset()) -> None:
        """Take note that users have come, gone or are others than before; without any, the conference is."""
        self.watchers.changed(self._open[name], uris)

    def conference_over(self, name: str) -> None:
        """Take note that a conference is closed."""
        conference = self._open.pop(name)
        self.watchers.over(conference)
        self._close_focus(conference.config)

    def open_room(self, on_event: Callable[[RoomEvent], None], *, rate: int | None = None) -> Room:
        """Return a new room of the media side."""
        return self._operations.open_room(on_event, rate=rate)

    def start_recording(self, session_id: SessionId, path: str | PathLike[str]) -> Recorder:
        """Record what the peer of a call says, until `stop_recording` or its end."""
        return self._operations.start_recording(session_id, path)

    def stop_recording(self, session_id: SessionId, recorder: Recorder) -> None:
        """End a recording."""
        self._operations.stop_recording(session_id, recorder)

    async def prepare_music(self, music: Playable) -> Player:
        """Open music that repeats."""
        return await self._operations.prepare_music(music)

    def begin_hold(self, session_id: SessionId, music: Player | None) -> None:
        """Let the peer hear nothing but music."""
        self._operations.begin_hold(session_id, music)

    def end_hold(self, session_id: SessionId) -> None:
        """Let the peer hear everything again."""
        self._operations.end_hold(session_id)
