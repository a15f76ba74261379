"""An agent that writes down what goes into it, for `replay` (SIM-4)."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from ..errors import ProtocolError
from ..ids import Ids
from .agent import Agent
from .backends import AgentBackends
from .recorded_values import encode

if TYPE_CHECKING:
    from types import FunctionType, MethodType

    from .config import AgentConfig

__all__ = ["FORMAT", "INPUTS", "QUESTIONS", "VERSION", "RecordingAgent", "argument_names"]

FORMAT = "sansio_sip.agent"
"""What the first line of a record calls itself."""

_NO_BACKENDS = AgentBackends()

VERSION = 2  # 1 had other inputs for the DNS
"""Version of the format; it rises when an old record could not be read any more."""


QUESTIONS = frozenset(
    {
        "call_id",
        "dialog_state",
        "focus_at",
        "local_media",
        "lookup",
        "next_event",
        "next_transmit",
        "peer_body",
        "publications",
        "remote_focus",
        "statistics",
        "takes_reliable",
    }
)
"""Methods of an agent that change nothing it does, and are not written."""


class _Recorder:
    """Writes the lines of one agent, and the random octets drawn on the way.

    Attributes:
        busy: Whether the agent is at an input: one that uses another is one input.
    """

    __slots__ = ("_drawn", "_ids", "_secrets", "_sink", "busy")

    def __init__(self, ids: Ids, sink: Callable[[str], None], *, secrets: bool) -> None:
        self._ids = ids
        self._sink = sink
        self._secrets = secrets
        self._drawn: list[str] = []
        self.busy = False

    def random_bytes(self, count: int) -> bytes:
        """Draw random octets."""
        octets = self._ids.octets(count)
        self._drawn.append(octets.hex())
        return octets

    def begin(self, config: AgentConfig, now: float, backends: tuple[str, ...]) -> None:
        """Write the first line."""
        written = encode(config, secrets=self._secrets)
        line: dict[str, Any] = {"format": FORMAT, "version": VERSION, "now": now, "config": written}
        self._write({**line, "backends": backends} if backends else line)

    def call(self, method: Callable[..., Any], agent: Agent, arguments: dict[str, Any]) -> Any:
        """Do one input, and write it down whatever becomes of it."""
        written = {name: encode(value, secrets=self._secrets) for name, value in arguments.items()}
        line: dict[str, Any] = {"input": method.__name__, "arguments": written}
        self.busy = True
        try:
            return method(agent, **arguments)
        except ProtocolError as error:
            line["error"] = type(error).__name__
            raise
        finally:
            self.busy = False
            self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        line["random"], self._drawn = self._drawn, []
        self._sink(json.dumps(line, separators=(",", ":")) + "\n")


class RecordingAgent(Agent):
    """An `Agent` that writes each input as a line of JSON; `docs/recording.md` describes the format.

    What stands in messages and URIs is written as it is, so a record is as private as the calls in it.

    Args:
        config: See `AgentConfig`.
        now: Current monotonic time in seconds.
        ids: Makes branches, tags and numbers; the octets drawn are written too.
        sink: Takes each line, with its line end; it must not raise.
        secrets: Whether passwords are written. Without them a replay has to be told them.
        backends: As for `Agent`. What they answer is not written, only which there are: a replay has to be
            given the like.

    Attributes:
        recorder: Writes the lines.
    """

    __slots__ = ("recorder",)

    def __init__(
        self,
        config: AgentConfig,
        *,
        now: float,
        ids: Ids,
        sink: Callable[[str], None],
        secrets: bool = False,
        backends: AgentBackends = _NO_BACKENDS,
    ) -> None:
        self.recorder = _Recorder(ids, sink, secrets=secrets)
        super().__init__(config, now=now, ids=Ids(self.recorder.random_bytes), backends=backends)
        self.recorder.begin(config, now, backends.given)


def argument_names(method: FunctionType | MethodType) -> tuple[str, ...]:
    """Return the names of what a method takes, ``self`` left out."""
    code = method.__code__
    return code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


def _once(value: object) -> object:
    """Return what can be read more than once: the agent and the record both read it."""
    return tuple(cast("Iterator[object]", value)) if isinstance(value, Iterator) else value


def _recorded(method: FunctionType) -> Callable[..., Any]:
    names = argument_names(method)

    @functools.wraps(method)
    def record(self: RecordingAgent, *positional: Any, **named: Any) -> Any:
        recorder = self.recorder
        if recorder.busy:
            return method(self, *positional, **named)
        arguments = {**dict(zip(names, positional, strict=False)), **named}
        return recorder.call(method, self, {name: _once(value) for name, value in arguments.items()})

    return record


INPUTS: tuple[str, ...] = tuple(
    name for name in dir(Agent) if name[0] != "_" and name not in QUESTIONS and callable(getattr(Agent, name))
)
"""The inputs and verbs of an agent; what is no question is taken for one of them."""

for _name in INPUTS:
    setattr(RecordingAgent, _name, _recorded(getattr(Agent, _name)))
