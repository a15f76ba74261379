"""The dialogs of a phone as a state that its notifier tells (RFC 4235 §3.3, §3.7)."""

from __future__ import annotations

import attrs

from .dialog_info import DialogEntry, DialogInfo
from .dialog_info_xml import DIALOG_INFO_TYPE, build_dialog_info

__all__ = ["DialogInfoState"]


@attrs.frozen
class DialogInfoState:
    """All dialogs that are to be seen, and which have changed.

    Attributes:
        entity: URI of the observed user.
        dialogs: All dialogs; one that has just ended is told once more.
        changed: The ids of those that have changed.
    """

    entity: str
    dialogs: tuple[DialogEntry, ...] = ()
    changed: frozenset[str] = frozenset()

    @property
    def content_type(self) -> str:
        """Media type of the documents."""
        return DIALOG_INFO_TYPE

    def document(self, version: int, *, full: bool) -> bytes:
        """Return all dialogs, or those that have changed; a document without any is a full one (§3.3)."""
        told = self.dialogs if full else tuple(entry for entry in self.dialogs if entry.id in self.changed)
        return build_dialog_info(DialogInfo(self.entity, version, full or not told, told or self.dialogs))
