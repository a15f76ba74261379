"""The lines for phones that register with us, and for who watches whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from trio_runtime.events import types as facts

if TYPE_CHECKING:
    from trio_runtime.cli.printing.change_records import Told

__all__ = ["REGISTRAR"]


def _registered(event: facts.ContactRegistered) -> Told:
    again = " again" if event.refreshed else ""
    words = f"{event.address} registered{again} for {event.expires} s: {event.contact} by {event.source}"
    return "contact_registered", words, attrs.asdict(event)


def _removed(event: facts.ContactRemoved) -> Told:
    words = f"{event.address} lost {event.contact}: {event.cause}, {event.left} left"
    return "contact_removed", words, attrs.asdict(event)


def _refused(event: facts.RegisterRefused) -> Told:
    who = f" ({event.username})" if event.username else ""
    words = f"{event.address}{who} may not register: {event.status_code} {event.reason}"
    return "register_refused", words, attrs.asdict(event)


def _store_failed(event: facts.StoreFailed) -> Told:
    return "store_failed", f"{event.error}; {event.waiting} addresses wait", attrs.asdict(event)


def _presence(event: facts.PresenceChanged) -> Told:
    note = f" ({event.note})" if event.note else ""
    return "presence", f"{event.resource} is {event.status}{note}", attrs.asdict(event)


def _watcher(name: str, what: str) -> Callable[[Any], Told]:
    def tell(event: Any) -> Told:
        return name, f"{event.watcher} {what} {event.package} of {event.resource}", attrs.asdict(event)

    return tell


REGISTRAR: dict[type[object], Callable[[Any], Told | None]] = {
    facts.ContactRegistered: _registered,
    facts.ContactRemoved: _removed,
    facts.RegisterRefused: _refused,
    facts.StoreFailed: _store_failed,
    facts.PresenceChanged: _presence,
    facts.WatcherSubscribed: _watcher("watcher_subscribed", "watches"),
    facts.WatcherRefused: _watcher("watcher_refused", "may not watch"),
    facts.WatcherGone: _watcher("watcher_gone", "watches no more:"),
}
"""How each of these events is told."""
