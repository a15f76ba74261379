"""Methods by what an agent may do with them (RFC 3261 §8.2.1)."""

from __future__ import annotations

__all__ = ["ANY_EXTENSION", "CALL_METHODS", "IN_DIALOG", "KEPT", "KNOWN_METHODS"]

ANY_EXTENSION = "*"
"""Stands for every method that is none of `KNOWN_METHODS`."""

CALL_METHODS = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "PRACK", "UPDATE", "REFER")
"""What every agent takes, outside or inside of calls."""

KNOWN_METHODS = frozenset({*CALL_METHODS, "REGISTER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "PUBLISH"})

IN_DIALOG = frozenset({"BYE", "INFO", "PRACK", "UPDATE", "NOTIFY", "REFER"})
"""What makes no sense outside of a dialog."""

KEPT = frozenset({"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE"})
"""What calls live on; it is never handed to the application."""
