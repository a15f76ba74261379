"""What callers of a queue hear and may press, and where they go in the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.priority import CallPriority
from trio_runtime.base.validation import between, choice, matching
from trio_runtime.handlers import Reject
from trio_runtime.media import Playable
from trio_runtime.queue.core.config import QueueRules
from trio_runtime.session import Call

__all__ = ["Announcement", "OverflowTarget", "QueueConfig", "QueuePlace"]

OverflowTarget: TypeAlias = str | Reject | Callable[[Call], Awaitable[object]]
"""Another queue by its name, a URI to call, a refusal, or what takes the call, such as a voicemail."""
Announcement: TypeAlias = Playable | Sequence[Playable] | None
"""Something to play, several things, or nothing."""

_key = matching("[0-9*#A-D]?", "one key, or empty")


@attrs.frozen
class QueuePlace:
    """Where a caller stands, as it can be announced.

    Attributes:
        call: The call.
        position: Position in the queue, 1 for who is next.
        expected_wait_s: Seconds that the caller will wait by the latest calls; None while nobody can know.
        waited_s: Seconds that the caller has waited, in all queues.
    """

    call: Call
    position: int
    expected_wait_s: float | None
    waited_s: float


def _playable(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    readable = callable(getattr(value, "read", None)) or hasattr(value, "__fspath__")
    if not (value is None or readable or isinstance(value, str | bytes | np.ndarray)):
        raise ConfigurationError(f"must be something to play, not {value!r}", field=attribute.name)


def _function(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        raise ConfigurationError(f"must be a function, not {value!r}", field=attribute.name)


def _targets(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, tuple):
        raise ConfigurationError(f"must be a tuple, not {value!r}", field=attribute.name)
    for target in value:
        if not ((isinstance(target, str) and target) or isinstance(target, Reject) or callable(target)):
            raise ConfigurationError(
                f"must be names of queues, URIs, refusals or functions, not {target!r}", field=attribute.name
            )


def _caller(call: Call) -> str:
    return call.remote_uri


@attrs.frozen(kw_only=True)
class QueueConfig(QueueRules):
    """How a queue is; see `QueueRules` for how it decides.

    Attributes:
        answer: When a call is answered that is not yet: ``at_once``; ``early`` lets it hear music and
            announcements before the answer (183), where its network lets it; ``when_served`` lets it ring.
        greeting: What a caller hears first.
        music: What a caller hears then, again and again; None is silence.
        announce: Makes what is played now and then from the place of a caller, such as files that say it.
        announce_every: Seconds between two announcements.
        escape_key: Key by which a caller goes on to `overflow`; empty for none.
        callback_key: Key by which a caller hangs up, keeps the place and is called; empty for none.
        callback_prompt: What the caller hears after that key.
        callback_to: Tells whom to call then; by default the URI of the caller.
        callback_ring: Seconds that the caller may ring then.
        line_tone: What an agent who stays on the line hears before a caller.
        overflow: Where callers go who wait no more: the first that can have them. Without any they are
            refused with 480.
        priority_of: Tells how urgent a call is; None takes `Call.priority`.
        skills_of: Tells which skills a call needs, and at which level; None needs none.
    """

    answer: Literal["at_once", "early", "when_served"] = attrs.field(
        default="at_once", validator=choice("at_once", "early", "when_served")
    )
    greeting: Playable | None = attrs.field(default=None, validator=_playable, eq=False)
    music: Playable | None = attrs.field(default=None, validator=_playable, eq=False)
    announce: Callable[[QueuePlace], Announcement] | None = attrs.field(default=None, validator=_function)
    announce_every: float = attrs.field(default=45.0, validator=between(0.1, unit=" s"))
    escape_key: str = attrs.field(default="", validator=_key)
    callback_key: str = attrs.field(default="", validator=_key)
    callback_prompt: Playable | None = attrs.field(default=None, validator=_playable, eq=False)
    callback_to: Callable[[Call], str] = attrs.field(default=_caller, validator=_function)
    callback_ring: float = attrs.field(default=30.0, validator=between(0.001, unit=" s"))
    line_tone: Playable | None = attrs.field(default=None, validator=_playable, eq=False)
    overflow: tuple[OverflowTarget, ...] = attrs.field(default=(), validator=_targets)
    priority_of: Callable[[Call], CallPriority] | None = attrs.field(default=None, validator=_function)
    skills_of: Callable[[Call], Mapping[str, float]] | None = attrs.field(default=None, validator=_function)

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields."""
        if self.escape_key and self.escape_key == self.callback_key:
            raise ConfigurationError("must not be the escape_key as well", field="callback_key")
