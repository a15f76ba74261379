"""Commands for what is heard: keys, files, recordings and bridges."""

from __future__ import annotations

from typing import ClassVar, Literal

import attrs

from trio_runtime.base.types import SessionId
from trio_runtime.control.commands import replies
from trio_runtime.control.commands.model import Command, bound, optional

__all__ = [
    "MEDIA_COMMANDS",
    "Bridge",
    "Play",
    "Record",
    "SendDtmf",
    "Stop",
]


@attrs.frozen(kw_only=True)
class SendDtmf(Command):
    """Press keys; the reply comes when they are out.

    Attributes:
        call: The call.
        digits: Any of ``0-9 * # A-D``.
        duration_ms: Length of each, in milliseconds.
        gap_ms: Pause after each, in milliseconds.
        way: As telephone-events, as tones in the audio, or as INFO.
    """

    name: ClassVar[str] = "send_dtmf"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    call: SessionId
    digits: str = bound(minLength=1, maxLength=64, pattern="^[0-9*#A-D]+$")
    duration_ms: int = optional(160, minimum=40, maximum=5_000)
    gap_ms: int = optional(80, minimum=40, maximum=5_000)
    way: Literal["rfc4733", "inband", "info"] = optional("rfc4733")


@attrs.frozen(kw_only=True)
class Play(Command):
    """Play a WAV file into a call; the reply comes when it has begun.

    Attributes:
        call: The call.
        file: Name of the file in the folder of the API.
        repeat: Whether it begins anew at its end.
    """

    name: ClassVar[str] = "play"
    reply: ClassVar[type[replies.Reply]] = replies.JobReply
    call: SessionId
    file: str = bound(minLength=1, maxLength=255)
    repeat: bool = optional(False)


@attrs.frozen(kw_only=True)
class Record(Command):
    """Record a call into a WAV file; the reply comes when it has begun.

    Attributes:
        call: The call.
        file: Name of the file in the folder of the API; one that is there is replaced.
        channels: Both sides mixed, the peer left and us right, or one side.
    """

    name: ClassVar[str] = "record"
    reply: ClassVar[type[replies.Reply]] = replies.JobReply
    call: SessionId
    file: str = bound(minLength=1, maxLength=255)
    channels: Literal["both", "split", "received", "sent"] = optional("both")


@attrs.frozen(kw_only=True)
class Stop(Command):
    """End what ``play``, ``record``, ``bridge`` or ``join_conference`` began; a bridge hangs up both calls.

    Attributes:
        job: Its name; one that is over already is no error.
    """

    name: ClassVar[str] = "stop"
    reply: ClassVar[type[replies.Reply]] = replies.Done
    job: str


@attrs.frozen(kw_only=True)
class Bridge(Command):
    """Connect two calls until one of them ends; then the other one is hung up.

    Attributes:
        call: A call, mostly one that came in and that nobody has answered yet.
        other: Another one, which may still ring: its progress and its answer pass to the first.
    """

    name: ClassVar[str] = "bridge"
    reply: ClassVar[type[replies.Reply]] = replies.JobReply
    call: SessionId
    other: SessionId


MEDIA_COMMANDS: tuple[type[Command], ...] = (
    SendDtmf, Play, Record, Stop, Bridge,

)  # fmt: skip
"""Every one of them."""
