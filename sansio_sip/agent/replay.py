"""A recorded agent, once more (SIM-4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import ProtocolError
from ..ids import Ids
from .agent import Agent
from .config import AgentConfig
from .recorded_values import Json, ReplayError, decode
from .recording import FORMAT, INPUTS, VERSION

if TYPE_CHECKING:
    from ..machine import Transmit
    from .events import AgentEvent

__all__ = ["ReplayedInput", "replay"]


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
    arguments: Mapping[str, Any]
    transmits: tuple[Transmit, ...]
    events: tuple[AgentEvent, ...]
    deadline: float | None


class _Octets:
    """The random octets that were drawn, for the same draws."""

    def __init__(self) -> None:
        self._left: list[str] = []

    def load(self, drawn: list[str]) -> None:
        self._left = list(drawn)

    def __call__(self, count: int) -> bytes:
        octets = bytes.fromhex(self._left.pop(0)) if self._left else b""
        if len(octets) != count:
            raise ReplayError(f"{count} random octets are drawn where {len(octets)} were")
        return octets

    def check(self) -> None:
        if self._left:
            raise ReplayError(f"{len(self._left)} draws of random octets are left over")


def replay(lines: Iterable[str], *, passwords: Mapping[str, str] | None = None) -> Iterator[ReplayedInput]:
    """Make the agent of a record, feed it the inputs, and yield what comes out.

    With the same code the packets are those that were sent, octet for octet.

    Args:
        lines: What a `RecordingAgent` wrote, with line ends or without.
        passwords: Passwords by user name, where the record has none; an unknown one is empty, and then
            only the answers to challenges differ.

    Raises:
        ReplayError: The record is damaged or of another version, or this code draws other random octets,
            raises other errors or knows other inputs than the code that was recorded.
    """
    known = dict(passwords or {})
    return _Replay(known).run(lines)


class _Replay:
    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = passwords
        self._octets = _Octets()

    def _secret(self, _owner: str, fields: Mapping[str, object]) -> str:
        return self._passwords.get(str(fields.get("username", "")), "")

    def run(self, lines: Iterable[str]) -> Iterator[ReplayedInput]:
        numbered = enumerate(filter(str.strip, lines), start=1)
        agent = self._begin(*next(numbered, (1, "{}")))
        for number, text in numbered:
            line = _read(number, text)
            yield self._feed(agent, number, line)

    def _begin(self, number: int, text: str) -> Agent:
        line = _read(number, text)
        if line.get("format") != FORMAT or line.get("version") != VERSION:
            raise ReplayError(f"line 1 is not that of a record in version {VERSION}")
        self._octets.load(line["random"])
        config = self._decode(number, line["config"])
        if not isinstance(config, AgentConfig):
            raise ReplayError("line 1 has no configuration")
        agent = Agent(config, now=line["now"], ids=Ids(self._octets))
        self._octets.check()
        return agent

    def _decode(self, number: int, value: Json) -> Any:
        try:
            return decode(value, self._secret)
        except (KeyError, TypeError, ValueError) as error:
            raise ReplayError(f"line {number} has a value that cannot be made: {error!r}") from error

    def _feed(self, agent: Agent, number: int, line: dict[str, Any]) -> ReplayedInput:
        name = line.get("input")
        if name not in INPUTS:
            raise ReplayError(f"line {number}: there is no input {name!r}")
        arguments = {key: self._decode(number, value) for key, value in line["arguments"].items()}
        self._octets.load(line["random"])
        raised = _call(agent, name, arguments)
        if raised != line.get("error", ""):
            raise ReplayError(f"line {number}: {name} raises {raised!r}, not {line.get('error', '')!r}")
        self._octets.check()
        return _outcome(agent, number, name, arguments)


def _read(number: int, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise ReplayError(f"line {number} is not JSON: {error}") from error
    if not isinstance(line, dict):
        raise ReplayError(f"line {number} is not an object")
    return line


def _call(agent: Agent, name: str, arguments: Mapping[str, Any]) -> str:
    try:
        getattr(agent, name)(**arguments)
    except ReplayError:
        raise
    except ProtocolError as error:
        return type(error).__name__
    return ""


def _outcome(agent: Agent, number: int, name: str, arguments: Mapping[str, Any]) -> ReplayedInput:
    transmits: list[Transmit] = []
    while (transmit := agent.next_transmit()) is not None:
        transmits.append(transmit)
    events: list[AgentEvent] = []
    while (event := agent.next_event()) is not None:
        events.append(event)
    return ReplayedInput(number, name, arguments, tuple(transmits), tuple(events), agent.deadline)
