"""The JSON schema of all messages, made from the classes that are read and written."""

from __future__ import annotations

from typing import Any

from trio_runtime.control.commands import COMMANDS
from trio_runtime.control.commands.replies import REPLIES
from trio_runtime.control.errors import ErrorInfo
from trio_runtime.control.events import EVENTS
from trio_runtime.control.forms.form import JsonSchema
from trio_runtime.control.forms.table import form_of, object_schema

__all__ = ["api_schema"]

_ID: JsonSchema = {
    "description": "What the client calls the command; the reply has it again.",
    "anyOf": [
        {"type": "integer", "minimum": -(2**53), "maximum": 2**53},
        {"type": "string", "maxLength": 128},
    ],
}
_ID_OF_REPLY: JsonSchema = {
    "description": "That of the command; null when it could not be read.",
    "anyOf": [*_ID["anyOf"], {"type": "null"}],
}
_SEQ: JsonSchema = {
    "description": "Counts the events of the API, whoever gets them; null for what only one client is told.",
    "anyOf": [{"type": "integer"}, {"type": "null"}],
}
_TIME: JsonSchema = {"description": "Seconds since 1970.", "type": "number"}


def api_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of everything that is sent in either direction."""
    definitions: dict[str, Any] = {}
    groups: dict[str, list[str]] = {"command": [], "reply": [], "event": []}

    def add(group: str, name: str, schema: JsonSchema) -> None:
        definitions[f"{group}.{name}"] = schema
        groups[group].append(f"{group}.{name}")

    for name, command in COMMANDS.items():
        schema = object_schema(command, {"id": _ID, "command": {"const": name}})
        add("command", name, {**schema, "x-reply": f"reply.{command.reply.name}"})
    for reply in REPLIES:
        add("reply", reply.name, object_schema(reply, {"id": _ID_OF_REPLY, "reply": {"const": reply.name}}))
    error = {"id": _ID_OF_REPLY, "error": form_of(ErrorInfo).schema}
    add("reply", "error", {**_object(error), "description": "A command that was not done."})
    for name, event in EVENTS.items():
        add("event", name, object_schema(event, {"event": {"const": name}, "seq": _SEQ, "time": _TIME}))
    unions = {
        group: {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in names]} for group, names in groups.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sansio-voip: control by WebSocket",
        "description": "Clients send commands; the server sends a reply to each, and events.",
        "anyOf": [{"$ref": f"#/$defs/{group}"} for group in groups],
        "$defs": {**unions, **definitions},
    }


def _object(members: dict[str, JsonSchema]) -> JsonSchema:
    return {
        "type": "object",
        "properties": members,
        "required": sorted(members),
        "additionalProperties": False,
    }
