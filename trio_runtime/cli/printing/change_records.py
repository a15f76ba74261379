"""The lines for what becomes of a call that lasts, and of registrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trio_runtime.cli.printing.output import Json
from trio_runtime.events import types as facts

__all__ = ["LATER", "Told"]

Told = tuple[str, str, dict[str, Json]]
"""Name of the line, what people read, and its values."""


def _progress(event: facts.CallProgressed) -> Told | None:
    if event.status_code in (100, 180):
        return None  # nothing new, and what the state of the call says already
    values: dict[str, Json] = {"status_code": event.status_code, "reason": event.reason}
    return "progress", f"{event.status_code} {event.reason}".rstrip(), values


def _remote_hold(event: facts.RemoteHoldChanged) -> Told:
    words = "the peer has put us on hold" if event.held else "the peer has taken us back"
    return "remote_hold", words, {"held": event.held}


def _asked_to_transfer(event: facts.TransferRequested) -> Told:
    values: dict[str, Json] = {"target": event.target, "by": event.referred_by, "attended": event.replaces}
    return "transfer_requested", f"the peer asks us to call {event.target}", values


def _transfer(name: str, what: str) -> Callable[[facts.TransferProgressed | facts.TransferFailed], Told]:
    def tell(event: facts.TransferProgressed | facts.TransferFailed) -> Told:
        values: dict[str, Json] = {"status_code": event.status_code, "reason": event.reason}
        return name, f"{what}: {event.status_code} {event.reason}".rstrip(), values

    return tell


def _plain(name: str, words: str) -> Callable[[object], Told]:
    return lambda _: (name, words, {})


def _registered(event: facts.Registered) -> Told:
    values: dict[str, Json] = {
        "uri": event.uri,
        "expires": event.expires,
        "refreshed": event.refreshed,
        "bindings": list(event.bindings),
        "flow": event.flow,
    }
    again = " again" if event.refreshed else ""
    return "registered", f"{event.uri} registered{again} for {event.expires} s by {event.flow}", values


def _registration_failed(event: facts.RegistrationFailed) -> Told:
    values: dict[str, Json] = {
        "uri": event.uri,
        "status_code": event.status_code,
        "reason": event.reason,
        "retry_in": event.retry_in,
        "registered": event.registered,
    }
    then = "not tried again" if event.retry_in is None else f"tried again in {event.retry_in:.1f} s"
    return "registration_failed", f"{event.uri}: {event.status_code} {event.reason}, {then}", values


def _unregistered(event: facts.Unregistered) -> Told | None:
    if event.cause == "never":
        return None  # `RegistrationFailed` has said why
    values: dict[str, Json] = {"uri": event.uri, "cause": event.cause}
    return "unregistered", f"{event.uri} unregistered: {event.cause}", values


def _message(event: facts.MessageReceived) -> Told:
    values: dict[str, Json] = {
        "sender": event.sender,
        "recipient": event.recipient,
        "type": event.content_type,
        "text": event.text,
    }
    return "message", f"message from {event.sender}: {event.text}", values


LATER: dict[type[object], Callable[[Any], Told | None]] = {
    facts.CallProgressed: _progress,
    facts.CallHeld: _plain("held", "the peer is on hold"),
    facts.CallResumed: _plain("resumed", "the peer is back from hold"),
    facts.RemoteHoldChanged: _remote_hold,
    facts.TransferRequested: _asked_to_transfer,
    facts.TransferProgressed: _transfer("transfer_progress", "the transfer goes on"),
    facts.TransferCompleted: _plain("transferred", "the peer talks to whom we have sent it"),
    facts.TransferFailed: _transfer("transfer_failed", "the transfer failed"),
    facts.Registered: _registered,
    facts.RegistrationFailed: _registration_failed,
    facts.Unregistered: _unregistered,
    facts.MessageReceived: _message,
}
"""How each of these events is told."""
