"""A library that is not there: expected, and told rather than raised in the end."""

from __future__ import annotations

__all__ = ["LibraryMissingError"]


class LibraryMissingError(Exception):
    """A library cannot be used; the text says why."""
