"""An agent that writes down what goes into it, for `replay` (SIM-4)."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import ProtocolError
from ..ids import Ids
from .agent import Agent
from .recorded_values import encode

if TYPE_CHECKING:
    from types import FunctionType

    from .config import AgentConfig

__all__ = ["FORMAT", "INPUTS", "VERSION", "RecordingAgent", "argument_names"]

FORMAT = "sansio_sip.agent"
"""What the first line of a record calls itself."""

VERSION = 1
"""Version of the format; it rises when an old record could not be read any more."""


class _Tap:
    """Random octets on their way to the agent, written down."""

    __slots__ = ("_source", "drawn")

    def __init__(self, source: Ids) -> None:
        self._source = source
        self.drawn: list[str] = []

    def __call__(self, count: int) -> bytes:
        octets = self._source.octets(count)
        self.drawn.append(octets.hex())
        return octets

    def take(self) -> list[str]:
        drawn, self.drawn = self.drawn, []
        return drawn


class RecordingAgent(Agent):
    """An `Agent` that writes each input as a line of JSON.

    What stands in messages and URIs is written as it is, so a record is as private as the calls in it.

    Args:
        config: See `AgentConfig`.
        now: Current monotonic time in seconds.
        ids: Makes branches, tags and numbers; the octets drawn are written too.
        sink: Takes each line, with its line end; it must not raise, and is called once an input.
        secrets: Whether passwords are written. Without them a replay has to be told them.
    """

    __slots__ = ("_busy", "_secrets", "_sink", "_tap")

    def __init__(
        self,
        config: AgentConfig,
        *,
        now: float,
        ids: Ids,
        sink: Callable[[str], None],
        secrets: bool = False,
    ) -> None:
        self._sink = sink
        self._secrets = secrets
        self._busy = True
        self._tap = _Tap(ids)
        super().__init__(config, now=now, ids=Ids(self._tap))
        self._busy = False
        encoded = encode(config, secrets=secrets)
        self._write({"format": FORMAT, "version": VERSION, "now": now, "config": encoded})

    def _write(self, line: dict[str, Any]) -> None:
        line["random"] = self._tap.take()
        self._sink(json.dumps(line, separators=(",", ":")) + "\n")

    def _record(self, method: FunctionType, arguments: dict[str, Any]) -> Any:
        """Do one input, and write it down whatever becomes of it."""
        line = {
            "input": method.__name__,
            "arguments": {name: encode(value, secrets=self._secrets) for name, value in arguments.items()},
        }
        self._busy = True
        try:
            return method(self, **arguments)
        except ProtocolError as error:
            line["error"] = type(error).__name__
            raise
        finally:
            self._busy = False
            self._write(line)


def argument_names(method: FunctionType) -> tuple[str, ...]:
    """Return the names of what a method takes, ``self`` left out."""
    code = method.__code__
    return code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


def _recorded(method: FunctionType) -> Callable[..., Any]:
    names = argument_names(method)

    @functools.wraps(method)
    def record(self: RecordingAgent, *positional: Any, **named: Any) -> Any:
        if self._busy:  # one input that uses another is one input
            return method(self, *positional, **named)
        arguments = {**dict(zip(names, positional, strict=False)), **named}
        # What can be read only once is read once.
        arguments = {n: tuple(v) if isinstance(v, Iterator) else v for n, v in arguments.items()}
        return self._record(method, arguments)

    return record


INPUTS: tuple[str, ...] = tuple(
    name
    for name in dir(Agent)
    if not name.startswith("_") and callable(getattr(Agent, name)) and "now" in argument_names(getattr(Agent, name))
)
"""The inputs and verbs of an agent: the methods that take ``now``, as every input does and no question."""

for _name in INPUTS:
    setattr(RecordingAgent, _name, _recorded(getattr(Agent, _name)))
