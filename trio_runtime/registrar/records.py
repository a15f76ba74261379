"""Bindings as text, for stores: times are wall time, and octets that are no text survive."""

from __future__ import annotations

import json
from typing import Any

import attrs

from sansio_sip.machine import Endpoint
from sansio_sip.register import Binding

__all__ = ["at_wall_time", "from_wall_time", "read_record", "write_record"]

_VERSION = 1


def write_record(bindings: tuple[Binding, ...]) -> str:
    """Return bindings, whose times are wall time, as one line of ASCII."""
    return json.dumps({"version": _VERSION, "bindings": [_to_json(binding) for binding in bindings]})


def read_record(text: str | bytes) -> tuple[Binding, ...]:
    """Return what `write_record` wrote.

    Raises:
        ValueError: It is damaged, or of a version to come.
    """
    try:
        record = json.loads(text)
        if record["version"] != _VERSION:
            raise ValueError(f"version {record['version']!r}, which is not known here")
        return tuple([_from_json(each) for each in record["bindings"]])
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"a damaged record: {error!r}") from error


def _to_json(binding: Binding) -> dict[str, Any]:
    values = {field.name: getattr(binding, field.name) for field in attrs.fields(Binding)}
    transport, host, port, flow, server_name = binding.source
    # A connection is nothing that could be taken up again; a socket for datagrams has a name or none.
    name = flow if isinstance(flow, str) and transport == "UDP" else None
    values["source"] = [transport, host, port, name, server_name]
    return values


def _from_json(values: dict[str, Any]) -> Binding:
    known = {field.name for field in attrs.fields(Binding)}
    given = {name: value for name, value in values.items() if name in known}
    transport, host, port, name, server_name = given["source"]
    given["source"] = Endpoint(transport, host, port, name, server_name)
    given["params"] = tuple([(key, value) for key, value in given["params"]])
    given["path"] = tuple(given["path"])
    return Binding(**given)


def at_wall_time(bindings: tuple[Binding, ...], epoch: float) -> tuple[Binding, ...]:
    """Return bindings with wall times instead of those of our clock, which is ``epoch`` behind."""
    return tuple(
        [
            attrs.evolve(each, expires_at=each.expires_at + epoch, updated_at=each.updated_at + epoch)
            for each in bindings
        ]
    )


def from_wall_time(bindings: tuple[Binding, ...], epoch: float) -> tuple[Binding, ...]:
    """Return bindings with times of our clock instead of wall times."""
    return at_wall_time(bindings, -epoch)
