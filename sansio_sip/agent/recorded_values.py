"""Values of an agent's inputs as JSON and back; `docs/recording.md` describes the format."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Set
from types import ModuleType
from typing import Any, TypeAlias, cast

import attrs

from .. import (
    admission,
    auth,
    dialog,
    headers,
    info,
    invite,
    limits,
    machine,
    message,
    outbound,
    pager,
    register,
    resolve,
    sdp,
    subscribe,
    transaction,
)
from ..message import BodyPart, Message, parse_message
from ..subscribe import conference, reg
from . import config, sender

__all__ = ["Json", "ReplayError", "SecretLookup", "decode", "encode"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

SecretLookup: TypeAlias = Callable[[str, Mapping[str, object]], str]
"""Gives for the name of a class and its other fields the secret that a record has left out."""

_MODULES: tuple[ModuleType, ...] = (
    admission, auth, conference, config, dialog, headers, info, invite, limits, machine,
    message, outbound, pager, reg, register, resolve, sdp, sender, subscribe, transaction,
)  # fmt: skip


class ReplayError(Exception):
    """A record cannot be replayed: it is damaged, of another version, or made by other code.

    It is no `ProtocolError`: an agent forgives those of its peers, and this one is nobody's message.
    """


def _is_data(value: object) -> bool:
    return isinstance(value, type) and (
        value is BodyPart
        or attrs.has(value)
        or issubclass(value, enum.Enum)
        or (issubclass(value, tuple) and value is not tuple)
    )


_TYPES: dict[str, type[Any]] = {
    name: cast("type[Any]", value)
    for module in _MODULES
    for name in getattr(module, "__all__", ())
    if _is_data(value := getattr(module, name))
}


def encode(value: object, *, secrets: bool) -> Json:
    """Write a value.

    Args:
        value: Anything that an input of an agent takes.
        secrets: Whether fields that ``repr`` does not show, as passwords, are written too.
    """
    if isinstance(value, enum.Enum):
        return {"$type": type(value).__name__, "name": value.name}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {"$octets": value.decode("latin-1")}
    if isinstance(value, Message):
        return {"$message": value.to_bytes().decode("latin-1")}
    if _TYPES.get(type(value).__name__) is type(value):
        return _encode_data(value, secrets=secrets)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return {"$map": [[encode(item, secrets=secrets) for item in pair] for pair in pairs]}
    if isinstance(value, Set):
        members = sorted(cast("Iterable[object]", value), key=repr)
        return {"$set": [encode(item, secrets=secrets) for item in members]}
    if isinstance(value, Iterable):
        items = [encode(item, secrets=secrets) for item in cast("Iterable[object]", value)]
        return {"$list": items} if isinstance(value, list) else items
    # The name of a flow, into which nobody looks, or an object of the user's own.
    return {"$object": f"{type(value).__name__} {id(value):x}"}


def _encode_data(value: object, *, secrets: bool) -> Json:
    fields: dict[str, Json] = {"$type": type(value).__name__}
    for field, alias, secret in _fields(type(value)):
        content = getattr(value, field)
        hidden = secret and not secrets and content is not None
        fields[alias] = {"$secret": True} if hidden else encode(content, secrets=secrets)
    return fields


def _fields(kind: type[Any]) -> list[tuple[str, str, bool]]:
    """Return attribute, argument and whether it is a secret, for each argument of a data class."""
    if kind is BodyPart:
        return [("fields", "fields", False), ("body", "body", False)]
    if attrs.has(kind):
        return [(field.name, field.alias, not field.repr) for field in attrs.fields(kind) if field.init]
    names = cast("tuple[str, ...]", getattr(kind, "_fields", ()))
    return [(name, name, False) for name in names]


def decode(value: Json, secret: SecretLookup) -> object:
    """Read a value.

    Raises:
        ReplayError: It is none that `encode` writes, or one of a class that does not exist here.
    """
    if isinstance(value, list):
        return tuple([decode(item, secret) for item in value])
    if not isinstance(value, dict):
        return value
    tag = next(iter(value), "")
    reader = _READERS.get(tag)
    if reader is None:
        raise ReplayError(f"{tag!r} is not a kind of value")
    return reader(value, secret)


def _decode_data(value: dict[str, Json], secret: SecretLookup) -> object:
    name = str(value["$type"])
    kind = _TYPES.get(name)
    if kind is None:
        raise ReplayError(f"there is no {name} here")
    if issubclass(kind, enum.Enum):
        return kind[str(value["name"])]
    hidden = {key for key, item in value.items() if isinstance(item, dict) and "$secret" in item}
    known = {key: decode(item, secret) for key, item in value.items() if key not in hidden | {"$type"}}
    return kind(**known, **{key: secret(name, known) for key in hidden})


def _octets(value: Json) -> bytes:
    return str(value).encode("latin-1")


def _pairs(value: Json, secret: SecretLookup) -> dict[object, object]:
    pairs = cast("tuple[tuple[object, object], ...]", decode(value, secret))
    return dict(pairs)


_READERS: dict[str, Callable[[dict[str, Json], SecretLookup], object]] = {
    "$octets": lambda value, _: _octets(value["$octets"]),
    "$message": lambda value, _: parse_message(_octets(value["$message"])),
    "$type": _decode_data,
    "$list": lambda value, secret: list(cast("tuple[object, ...]", decode(value["$list"], secret))),
    "$map": lambda value, secret: _pairs(value["$map"], secret),
    "$set": lambda value, secret: frozenset(cast("tuple[object, ...]", decode(value["$set"], secret))),
    "$object": lambda value, _: str(value["$object"]),
}
