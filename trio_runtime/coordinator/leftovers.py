"""What is still held: the quiet check of a coordinator (SIM-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trio_runtime.coordinator.parts import Parts
    from trio_runtime.session import SessionRegistry

__all__ = ["leftovers"]


def leftovers(parts: Parts, registry: SessionRegistry) -> list[str]:
    """Return what a coordinator still holds, in words; empty when all is quiet."""
    agent = parts.dialogs.statistics().agent
    counts = {
        "calls": len(registry),
        "signalled calls": agent.calls,
        "transactions": agent.transactions,
        "registrations": len(parts.registrations),
        "subscriptions": len(parts.asking.subscriptions),
        "publications": len(parts.asking.publications),
        "messages": len(parts.asking.messages),
        "waiting REGISTERs": agent.held,
        "media streams": parts.media.open_streams,
        "changes of media": parts.operations.changes.open,
        "bridged calls": len(parts.operations.bridges),
        "conferences": len(parts.conferences),
        "watchers": len(parts.conferences.watchers),
        "prepared calls": len(parts.preparations),
        "groups": len(parts.operations.groups),
        "links": len(parts.operations.links),
        "transfers": parts.operations.transfers.open,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]
