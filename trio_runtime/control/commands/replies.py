"""What commands are answered with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from trio_runtime.control.commands.infos import CallInfo, RoomInfo

__all__ = [
    "REPLIES",
    "CallReply",
    "CallsReply",
    "Done",
    "JobReply",
    "Reply",
    "ResponseReply",
    "RoomReply",
    "RoomsReply",
    "StatisticsReply",
    "SubscribedReply",
]


class Reply:
    """An answer; its ``name`` says in JSON which one."""

    name: ClassVar[str]


@attrs.frozen
class Done(Reply):
    """The command was done, and there is nothing more to say."""

    name = "done"


@attrs.frozen
class CallReply(Reply):
    """A call.

    Attributes:
        call: As it is now.
    """

    name = "call"
    call: CallInfo


@attrs.frozen
class CallsReply(Reply):
    """Calls that are not over.

    Attributes:
        calls: As they are now, the oldest first.
        total: How many there are.
    """

    name = "calls"
    calls: tuple[CallInfo, ...]
    total: int


@attrs.frozen
class JobReply(Reply):
    """Something has begun that goes on; ``stop`` ends it, and so does the end of its call.

    Attributes:
        job: Names it; `job_ended` tells its end.
    """

    name = "job"
    job: str


@attrs.frozen
class RoomReply(Reply):
    """A conference.

    Attributes:
        conference: As it is now.
    """

    name = "conference"
    conference: RoomInfo


@attrs.frozen
class RoomsReply(Reply):
    """All conferences that were opened by this API.

    Attributes:
        conferences: As they are now.
    """

    name = "conferences"
    conferences: tuple[RoomInfo, ...]


@attrs.frozen
class ResponseReply(Reply):
    """What a peer has answered to a request.

    Attributes:
        status_code: Status, 200 to 699.
        reason: Phrase.
        headers: Header fields; of several with one name the first.
        text: The body as text.
    """

    name = "response"
    status_code: int
    reason: str
    headers: Mapping[str, str]
    text: str


@attrs.frozen
class StatisticsReply(Reply):
    """What the coordinator and the API count.

    Attributes:
        sessions: Calls so far and now.
        api: Connections, commands and events of the API.
        coordinator: Everything else, as `CoordinatorStatistics` has it.
    """

    name = "statistics"
    sessions: Mapping[str, float]
    api: Mapping[str, int]
    coordinator: Mapping[str, object]


@attrs.frozen
class SubscribedReply(Reply):
    """Events are pushed from now on.

    Attributes:
        events: Their names.
    """

    name = "subscribed"
    events: tuple[str, ...]


REPLIES: tuple[type[Reply], ...] = (
    Done,
    CallReply,
    CallsReply,
    JobReply,
    RoomReply,
    RoomsReply,
    ResponseReply,
    StatisticsReply,
    SubscribedReply,
)
"""Every reply."""
