"""Dialogs, their route sets and their states (RFC 3261 §12)."""

from .dialog import Dialog
from .route import Routing, route_request
from .snapshot import Snapshot, SnapshotReader, dialog_from_dict, dialog_to_dict
from .standalone import build_standalone
from .state import DialogId, DialogState

__all__ = [
    "Dialog",
    "DialogId",
    "DialogState",
    "Routing",
    "Snapshot",
    "SnapshotReader",
    "build_standalone",
    "dialog_from_dict",
    "dialog_to_dict",
    "route_request",
]
