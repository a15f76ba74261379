"""Forms of values of the packages below that JSON shows in fewer words."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sansio_sip.invite import CallEnd
from sansio_sip.sdp import NegotiatedMedia, is_voice
from trio_runtime.control.forms.form import Form, FormError, Json
from trio_runtime.session import describe_end

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SPECIAL_FORMS"]


def _only_written(value: object, field: str) -> Any:
    raise FormError("is not read", field=field)


def _object(required: dict[str, Any], write: Callable[[Any], Json], words: str) -> Form:
    schema = {
        "type": "object",
        "description": words,
        "properties": required,
        "required": sorted(required),
        "additionalProperties": False,
    }
    return Form(schema, _only_written, write)


def _write_end(end: CallEnd) -> Json:
    status_code = getattr(end, "status_code", None)
    return {"kind": type(end).__name__, "text": describe_end(end), "status_code": status_code}


def _write_media(media: NegotiatedMedia) -> Json:
    codec = next((each.name for each in media.formats if is_voice(each)), "")
    remote = f"{media.remote_address}:{media.remote_port}"
    return {"codec": codec, "direction": media.direction.value, "remote": remote}


def _write_octets(octets: bytes) -> Json:
    try:
        return {"text": octets.decode(), "base64": None}
    except UnicodeDecodeError:
        return {"text": None, "base64": base64.b64encode(octets).decode()}


_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"anyOf": [{"type": "string"}, {"type": "null"}]}

SPECIAL_FORMS: dict[Any, Form] = {
    CallEnd: _object(
        {"kind": _TEXT, "text": _TEXT, "status_code": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        _write_end,
        "How a call ended: a kind for programs, words for people, and the status where there was one.",
    ),
    NegotiatedMedia: _object(
        {"codec": _TEXT, "direction": _TEXT, "remote": _TEXT},
        _write_media,
        "The audio that was agreed on.",
    ),
    bytes: _object(
        {"text": _TEXT_OR_NULL, "base64": _TEXT_OR_NULL},
        _write_octets,
        "Octets: as text where they are UTF-8, else in Base64.",
    ),
}
"""Forms by Python type; they are written and never read."""
