"""From texts to commands, and from replies and events to texts."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from trio_runtime.control.commands import COMMANDS, Command
from trio_runtime.control.errors import CommandError, ErrorInfo
from trio_runtime.control.events import event_name
from trio_runtime.control.forms.table import read_object, write_object

if TYPE_CHECKING:
    from trio_runtime.control.commands.replies import Reply
    from trio_runtime.control.events import ApiEvent
    from trio_runtime.control.forms.form import Json

__all__ = [
    "CommandId",
    "Envelope",
    "error_text",
    "event_text",
    "lost_text",
    "plain_numbers",
    "read_command",
    "reply_text",
]

CommandId: TypeAlias = str | int | None
"""What a client calls its command; None where it could not be read."""

_LONGEST_ID = 128
_GREATEST_ID = 2**53
_AROUND = frozenset({"id", "command"})


@attrs.frozen
class Envelope:
    """A message of a client, read as far as it can be.

    Attributes:
        id: What the client calls the command.
        command: The command, or why it is none.
    """

    id: CommandId
    command: Command | CommandError | Exception


def read_command(text: str | bytes) -> Envelope:
    """Read a message of a client; nothing is raised."""
    try:
        members = _members(text)
    except CommandError as error:
        return Envelope(None, error)
    number = members.get("id")
    if not _is_id(number):
        return Envelope(None, CommandError("invalid", "id: must be a whole number or a text", field="id"))
    name = members.get("command")
    kind = COMMANDS.get(name) if isinstance(name, str) else None
    if kind is None:
        wanted = "is missing" if name is None else f"there is no command {str(name)[:64]!r}"
        return Envelope(number, CommandError("unknown_command", f"command: {wanted}", field="command"))
    try:
        return Envelope(number, read_object(kind, members, known=_AROUND))
    except Exception as error:
        return Envelope(number, error)


def _members(text: str | bytes) -> dict[str, Any]:
    if not isinstance(text, str):
        raise CommandError("malformed", "binary messages are not understood: send JSON as text")
    try:
        value = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except RecursionError as error:
        raise CommandError("malformed", "the JSON is nested too deeply") from error
    except ValueError as error:
        raise CommandError("malformed", f"no JSON: {error}"[:200]) from error
    if not isinstance(value, dict):
        raise CommandError("malformed", "a command is an object with id and command")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands twice")
    return members


def _is_id(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_ID and not any("\ud800" <= sign <= "\udfff" for sign in value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _GREATEST_ID


def _text(members: dict[str, Json]) -> str:
    return json.dumps(members, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def reply_text(number: CommandId, reply: Reply) -> str:
    """Return the reply to a command."""
    return _text({"id": number, "reply": reply.name, **write_object(reply)})


def error_text(number: CommandId, info: ErrorInfo) -> str:
    """Return the error reply to a command; without a number to whatever it was."""
    return _text({"id": number, "error": write_object(info)})


def event_text(event: ApiEvent, number: int, time: float) -> str:
    """Return an event.

    Args:
        event: What happened.
        number: Counts the events of the API, whoever gets them.
        time: Seconds since 1970.
    """
    around: dict[str, Json] = {"event": event_name(type(event)), "seq": number, "time": round(time, 6)}
    return _text({**around, **write_object(event)})


def lost_text(count: int, time: float) -> str:
    """Return what tells a subscriber how many events it has lost."""
    return _text({"event": "events_lost", "seq": None, "time": round(time, 6), "count": count})


def plain_numbers(value: object) -> Json:
    """Return statistics as JSON has them: attrs classes as objects, everything odd as text."""
    kind: Any = type(value)
    if attrs.has(kind):
        fields = attrs.fields(kind)
        return {field.name: plain_numbers(getattr(value, field.name)) for field in fields}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dict):
        return {str(name): plain_numbers(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_numbers(each) for each in value]
    return str(value)
