"""What all commands work with: the calls, the files, the conferences and the jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.control.commands.infos import CallInfo, RoomInfo
from trio_runtime.control.errors import CommandError
from trio_runtime.control.jobs import Jobs
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge import Conference
    from trio_runtime.control.config import ApiConfig
    from trio_runtime.control.counts import ApiCounts
    from trio_runtime.control.pushing.fanout import Fanout
    from trio_runtime.control.pushing.outbox import Outbox
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import Call

__all__ = ["Client", "Desk"]


@attrs.define(eq=False)
class Client:
    """One connection, as commands see it.

    Attributes:
        outbox: Where its replies and events go.
        counts: Where it is counted as unsigned until it has signed in, or is gone.
        owned: The calls that end with it.
    """

    outbox: Outbox
    counts: ApiCounts
    signed_in: bool = False
    owned: dict[SessionId, None] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.counts.unsigned += 1

    def sign_in(self) -> None:
        """Be counted as unsigned no more."""
        if not self.signed_in:
            self.signed_in = True
            self.counts.unsigned -= 1


class Desk:
    """The calls, files, conferences and jobs of one API.

    Args:
        phone: The coordinator.
        config: Limits, and the folder with files.
        fanout: The subscribers.
        start_soon: Starts a task that lives as long as the API.

    Attributes:
        phone: See above.
        config: See above.
        jobs: What goes on after the replies.
        rooms: The conferences by name.
        counts: What the API counts; filled in by the server.
    """

    def __init__(
        self,
        phone: SessionCoordinator,
        config: ApiConfig,
        fanout: Fanout,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self.phone = phone
        self.config = config
        self.jobs = Jobs(start_soon, fanout.publish, config.max_jobs)
        self.rooms: dict[str, Conference] = {}
        self.counts: Callable[[], dict[str, int]] = dict

    def call(self, call_id: str, field: str = "call") -> Call:
        """Return a call that is not over.

        Raises:
            CommandError: There is none.
        """
        call = self.phone.find_session(call_id)
        if call is None:
            raise CommandError("not_found", f"{field}: there is no call {call_id[:64]!r}", field=field)
        return call

    def incoming(self, call_id: str) -> IncomingCall:
        """Return a call that came in and waits for a decision.

        Raises:
            CommandError: There is no such call, or it waits for none.
        """
        call = self.call(call_id)
        if not isinstance(call, IncomingCall) or not call.undecided:
            raise CommandError("wrong_state", f"call: {call_id} does not wait to be answered", field="call")
        return call

    def room(self, name: str) -> Conference:
        """Return a conference.

        Raises:
            CommandError: There is none of that name.
        """
        room = self.rooms.get(name)
        if room is None:
            raise CommandError("not_found", f"conference: there is no {name!r}", field="conference")
        return room

    def file(self, name: str, field: str = "file") -> Path:
        """Return the path of a file in the folder of the API.

        Raises:
            CommandError: There is no folder, or the file would not lie in it.
        """
        if self.config.folder is None:
            raise CommandError("forbidden", f"{field}: the API has no folder for files", field=field)
        folder = Path(self.config.folder).resolve()
        path = (folder / name).resolve() if "\0" not in name else folder
        if path.parent != folder or path == folder:
            # Neither by .. nor by a link: what lies elsewhere is not for clients.
            raise CommandError(
                "forbidden", f"{field}: {name!r} is no file in the folder of the API", field=field
            )
        return path

    def own(self, client: Client, call: Call, wanted: bool) -> None:
        """Let a call end with a connection, where that is wanted."""
        if wanted or self.config.hang_up_on_close:
            client.owned[call.id] = None

    def left(self, client: Client) -> None:
        """End the calls that belong to a connection which is no more."""
        for call_id in client.owned:
            call = self.phone.find_session(call_id)
            if call is not None:
                call.hang_up()

    def info(self, call: Call) -> CallInfo:
        """Return a call as it is now."""
        media = call.statistics()
        since = call.answered_at
        return CallInfo(
            id=call.id,
            direction=call.direction,
            state=call.state,
            remote=call.remote_uri,
            local=call.local_uri,
            answered=since is not None,
            duration_s=0.0 if since is None else round(trio.current_time() - since, 3),
            codec=call.codec,
            on_hold=call.on_hold,
            held_by_peer=call.remote_hold,
            muted=call.muted,
            mos=None if media is None or media.rtp is None else media.rtp.mos,
            jobs=self.jobs.of(call),
        )

    def room_info(self, room: Conference) -> RoomInfo:
        """Return a conference as it is now."""
        info = room.info()
        return RoomInfo(info.name, info.members, info.muted, info.active_speaker, info.locked)

    def close(self) -> None:
        """Hang up what is in the conferences."""
        for room in self.rooms.values():
            room.close()
        self.rooms.clear()
