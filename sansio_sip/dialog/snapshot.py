"""A dialog as plain values that can be stored as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ..errors import LocalProtocolError, ParseError
from .dialog import Dialog
from .route import checked_routes
from .state import DialogState

__all__ = ["Snapshot", "SnapshotReader", "dialog_from_dict", "dialog_to_dict"]

Snapshot = dict[str, object]
"""Strings, numbers, booleans, ``None``, and lists and dicts of them."""

_VERSION = 1


class SnapshotReader:
    """Reads a snapshot and checks the type of each value.

    Args:
        data: The snapshot, or a part of it.
    """

    __slots__ = ("_data",)

    def __init__(self, data: object) -> None:
        if not isinstance(data, Mapping):
            raise LocalProtocolError("a snapshot is a dict")
        self._data = cast("Mapping[str, object]", data)

    def _value(self, key: str) -> object:
        if key not in self._data:
            raise LocalProtocolError(f"the snapshot has no {key}")
        return self._data[key]

    def text(self, key: str) -> str:
        """Return a string."""
        value = self._value(key)
        if not isinstance(value, str):
            raise LocalProtocolError(f"{key} of the snapshot is no text")
        return value

    def number(self, key: str) -> int:
        """Return a whole number."""
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise LocalProtocolError(f"{key} of the snapshot is no number")
        return value

    def time(self, key: str) -> float | None:
        """Return a time in seconds, or ``None``."""
        value = self._value(key)
        if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise LocalProtocolError(f"{key} of the snapshot is no time")
        return None if value is None else float(value)

    def flag(self, key: str) -> bool:
        """Return a boolean."""
        value = self._value(key)
        if not isinstance(value, bool):
            raise LocalProtocolError(f"{key} of the snapshot is no boolean")
        return value

    def has(self, key: str) -> bool:
        """Return whether there is a value other than ``None``."""
        return self._value(key) is not None

    def knows(self, key: str) -> bool:
        """Return whether there is a value other than ``None`` that older versions may not have written."""
        return self._data.get(key) is not None

    def part(self, key: str) -> SnapshotReader:
        """Return a nested dict."""
        return SnapshotReader(self._value(key))

    def parts(self, key: str) -> list[SnapshotReader]:
        """Return a list of dicts."""
        return [SnapshotReader(value) for value in self._list(key)]

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        values = self._list(key)
        if not all(isinstance(value, str) for value in values):
            raise LocalProtocolError(f"{key} of the snapshot holds something else than text")
        return tuple(cast("Sequence[str]", values))

    def _list(self, key: str) -> Sequence[object]:
        value = self._value(key)
        if not isinstance(value, list | tuple):
            raise LocalProtocolError(f"{key} of the snapshot is no list")
        return cast("Sequence[object]", value)

    def check_version(self, kind: str, version: int) -> None:
        """Refuse a snapshot of something else or of a later version.

        Raises:
            LocalProtocolError: It is one.
        """
        if self.text("kind") != kind or self.number("version") != version:
            raise LocalProtocolError(f"not a snapshot of a {kind} of version {version}")


def dialog_to_dict(dialog: Dialog) -> Snapshot:
    """Return a dialog as plain values."""
    return {
        "kind": "dialog",
        "version": _VERSION,
        "state": dialog.state.name,
        "call_id": dialog.call_id,
        "local": dialog.local,
        "local_tag": dialog.local_tag,
        "remote": dialog.remote,
        "remote_tag": dialog.remote_tag,
        "local_cseq": dialog.local_cseq,
        "remote_cseq": dialog.remote_cseq,
        "remote_target": dialog.remote_target,
        "mapped_hop": dialog.mapped_hop,
        "route_set": list(dialog.route_set),
        "secure": dialog.secure,
    }


def dialog_from_dict(data: object) -> Dialog:
    """Make a dialog that gives the same outputs for the same inputs as the one it was taken of.

    Raises:
        LocalProtocolError: The values are no dialog of a known version.
    """
    read = data if isinstance(data, SnapshotReader) else SnapshotReader(data)
    read.check_version("dialog", _VERSION)
    try:
        state, routes = DialogState[read.text("state")], checked_routes(read.texts("route_set"))
    except (KeyError, ParseError) as error:
        raise LocalProtocolError(f"the snapshot has a damaged state or route: {error}") from error
    dialog = Dialog(
        call_id=read.text("call_id"),
        local=read.text("local"),
        local_tag=read.text("local_tag"),
        remote=read.text("remote"),
        remote_tag=read.text("remote_tag"),
        local_cseq=read.number("local_cseq"),
        remote_cseq=read.number("remote_cseq") if read.has("remote_cseq") else None,
        remote_target=read.text("remote_target"),
        route_set=routes,
        secure=read.flag("secure"),
        mapped_hop=read.text("mapped_hop") if read.knows("mapped_hop") else "",
    )
    dialog.state = state
    return dialog
