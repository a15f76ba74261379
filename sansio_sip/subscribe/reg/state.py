"""Registrations as a state that their notifier tells (RFC 3680 §4.7)."""

from __future__ import annotations

import attrs

from .info import RegInfo, RegisteredAddress
from .xml import REG_INFO_TYPE, build_reg_info

__all__ = ["RegInfoState"]


@attrs.frozen
class RegInfoState:
    """All registrations that are to be seen, and which have changed.

    Attributes:
        registrations: All of them; a contact that has just gone is told once more.
        changed: The ids of contacts, and of registrations without any, that have changed.
    """

    registrations: tuple[RegisteredAddress, ...] = ()
    changed: frozenset[str] = frozenset()

    @property
    def content_type(self) -> str:
        """Media type of the documents."""
        return REG_INFO_TYPE

    def document(self, version: int, *, full: bool) -> bytes:
        """Return all registrations, or what has changed; where nothing has, all."""
        changed: list[RegisteredAddress] = []
        for item in self.registrations:
            contacts = tuple([contact for contact in item.contacts if contact.id in self.changed])
            if contacts or item.id in self.changed:
                changed.append(attrs.evolve(item, contacts=contacts))
        told = self.registrations if full or not changed else tuple(changed)
        return build_reg_info(RegInfo(version, full or not changed, told))
