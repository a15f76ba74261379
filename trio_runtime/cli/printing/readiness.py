"""What a server says when it can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.cli.printing.output import Json, Record

if TYPE_CHECKING:
    from trio_runtime.base.listening import Listener

__all__ = ["ready_record"]


def ready_record(listening: list[Listener]) -> Record:
    """Say where requests are taken; an address without a transport is one for UDP."""
    texts: list[Json] = []
    for each in listening:
        place = f"[{each.host}]:{each.port}" if ":" in each.host else f"{each.host}:{each.port}"
        texts.append(place if each.transport == "UDP" else f"{each.transport.lower()}://{place}")
    return Record("ready", f"ready {' '.join(map(str, texts))}", {"addresses": texts})
