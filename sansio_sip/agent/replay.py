"""A recorded agent, once more (SIM-4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import attrs

from ..errors import ProtocolError
from ..ids import Ids
from .agent import Agent
from .backends import AgentBackends
from .config import AgentConfig
from .recorded_values import ReplayError, decode
from .recording import FORMAT, INPUTS, VERSION, argument_names

if TYPE_CHECKING:
    from ..machine import Transmit
    from .events import AgentEvent

__all__ = ["ReplayedInput", "replay"]

_NO_BACKENDS = AgentBackends()


@attrs.frozen
class ReplayedInput:
    """One input, and what came of it.

    Attributes:
        line: Its line in the record, from 2: the first one makes the agent.
        name: The method, such as ``receive_datagram``.
        arguments: What it was called with.
        transmits: The packets that went out.
        events: What the agent told.
        deadline: When the next timer is due.
    """

    line: int
    name: str
    arguments: Mapping[str, object]
    transmits: tuple[Transmit, ...]
    events: tuple[AgentEvent, ...]
    deadline: float | None


class _Line(NamedTuple):
    """One line of a record: the first has format, version, time and configuration, the others an input."""

    format: object
    version: object
    input: Any
    now: object
    config: object
    backends: tuple[str, ...]
    arguments: dict[str, object]
    random: tuple[str, ...]
    error: str


class _Octets:
    """The random octets that were drawn, for the same draws."""

    def __init__(self) -> None:
        self._left: list[str] = []

    def load(self, drawn: Iterable[str]) -> None:
        self._left = list(drawn)

    def __call__(self, count: int) -> bytes:
        octets = bytes.fromhex(self._left.pop(0)) if self._left else b""
        if len(octets) != count:
            raise ReplayError(f"{count} random octets are drawn where {len(octets)} were")
        return octets

    def check(self) -> None:
        if self._left:
            raise ReplayError(f"{len(self._left)} draws of random octets are left over")


def replay(
    lines: Iterable[str],
    *,
    passwords: Mapping[str, str] | None = None,
    backends: AgentBackends = _NO_BACKENDS,
) -> Iterator[ReplayedInput]:
    """Make the agent of a record, feed it the inputs, and yield what comes out.

    With the same code the packets are those that were sent, octet for octet.

    Args:
        lines: What a `RecordingAgent` wrote, with line ends or without.
        passwords: Passwords by user name, where the record has none; an unknown one is empty, and then
            only the answers to challenges differ, and of an agent that asks for passwords whom it lets in.
        backends: Objects that answer as those of the agent did that was recorded, in the state in which
            they were at its start.

    Raises:
        ReplayError: The record is damaged, of another version or of an agent with other backends, or this
            code draws other random octets, raises other errors or knows other inputs than the code that was
            recorded.
    """
    return _Replay(passwords or {}, backends).run(lines)


class _Replay:
    """One replay; every error names the line."""

    def __init__(self, passwords: Mapping[str, str], backends: AgentBackends) -> None:
        self._passwords = passwords
        self._backends = backends
        self._octets = _Octets()

    def _secret(self, _owner: str, fields: Mapping[str, object]) -> str:
        return self._passwords.get(str(fields.get("username", "")), "")

    def run(self, lines: Iterable[str]) -> Iterator[ReplayedInput]:
        agent: Agent | None = None
        for number, text in enumerate(lines, start=1):
            try:
                line = self._read(text)
                if agent is None:
                    agent = self._begin(line)
                else:
                    yield self._feed(agent, number, line)
            except ReplayError as error:
                raise ReplayError(f"line {number}: {error}") from error

    def _read(self, text: str) -> _Line:
        """Read a line; what goes wrong afterwards in the agent is none of its faults."""
        try:
            line = cast("dict[str, Any]", json.loads(text))
            kind = line.get("format"), line.get("version"), line.get("input")
            values = {key: decode(value, self._secret) for key, value in line.get("arguments", {}).items()}
            config = decode(line.get("config"), self._secret)
            backends, drawn = tuple(line.get("backends", ())), tuple(line.get("random", ()))
            return _Line(*kind, line.get("now"), config, backends, values, drawn, line.get("error", ""))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ReplayError(f"it is damaged: {error!r}") from error

    def _begin(self, line: _Line) -> Agent:
        if (line.format, line.version) != (FORMAT, VERSION):
            raise ReplayError(f"it is not the first one of a record in version {VERSION}")
        if not isinstance(line.config, AgentConfig) or not isinstance(line.now, int | float):
            raise ReplayError("it has no configuration or no time")
        if line.backends != self._backends.given:
            told, given = ", ".join(line.backends), ", ".join(self._backends.given)
            raise ReplayError(
                f"its agent had the backends ({told}), which are no part of it; given are ({given})"
            )
        self._octets.load(line.random)
        agent = Agent(line.config, now=line.now, ids=Ids(self._octets), backends=self._backends)
        self._octets.check()
        return agent

    def _feed(self, agent: Agent, number: int, line: _Line) -> ReplayedInput:
        if line.input not in INPUTS:
            raise ReplayError(f"there is no input {line.input!r}")
        if line.arguments.keys() - argument_names(getattr(agent, line.input)):
            raise ReplayError(f"{line.input} has other arguments than {', '.join(line.arguments)}")
        self._octets.load(line.random)
        raised = _call(agent, line.input, line.arguments)
        if raised != line.error:
            raise ReplayError(
                f"{line.input} raises {raised or 'nothing'} where it raised {line.error or 'nothing'}"
            )
        self._octets.check()
        return _outcome(agent, number, line.input, line.arguments)


def _call(agent: Agent, name: str, arguments: Mapping[str, object]) -> str:
    try:
        getattr(agent, name)(**arguments)
    except ProtocolError as error:
        return type(error).__name__
    return ""


def _outcome(agent: Agent, number: int, name: str, arguments: Mapping[str, object]) -> ReplayedInput:
    transmits: list[Transmit] = []
    while (transmit := agent.next_transmit()) is not None:
        transmits.append(transmit)
    events: list[AgentEvent] = []
    while (event := agent.next_event()) is not None:
        events.append(event)
    return ReplayedInput(number, name, arguments, tuple(transmits), tuple(events), agent.deadline)
