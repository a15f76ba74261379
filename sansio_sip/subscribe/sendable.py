"""Whether what a peer gave can be sent back to it, before anything is built on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, RemoteProtocolError
from ..message.fields import checked_text

if TYPE_CHECKING:
    from ..dialog import Dialog

__all__ = ["require_sendable", "require_sendable_dialog"]


def require_sendable(*texts: str) -> None:
    """Refuse text that may not stand in a message of ours: a quoted NUL is legal, and ends strings.

    Raises:
        RemoteProtocolError: One of them cannot be sent.
    """
    try:
        for text in texts:
            checked_text(text, "a value of the peer")
    except LocalProtocolError as error:
        raise RemoteProtocolError(str(error)) from error


def require_sendable_dialog(dialog: Dialog) -> Dialog:
    """Return a dialog whose requests can be built.

    Raises:
        RemoteProtocolError: One of its addresses cannot be sent.
    """
    require_sendable(dialog.local, dialog.remote, dialog.remote_target, *dialog.route_set)
    return dialog
