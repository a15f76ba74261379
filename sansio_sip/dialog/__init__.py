"""Dialogs, their route sets and their states (RFC 3261 §12)."""

from .dialog import Dialog
from .route import Routing, route_request
from .standalone import build_standalone
from .state import DialogId, DialogState

__all__ = ["Dialog", "DialogId", "DialogState", "Routing", "build_standalone", "route_request"]
