"""What all commands have in common, and the bounds of their fields."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs

from trio_runtime.control.commands.replies import Reply

__all__ = ["Command", "bound", "optional"]


class Command:
    """A wish of a client.

    Attributes:
        name: How it is called in JSON.
        reply: What it is answered with.
    """

    name: ClassVar[str]
    reply: ClassVar[type[Reply]]


def bound(**keywords: Any) -> Any:
    """Return a field that must be given, with keywords of JSON schema that bound it."""
    return attrs.field(metadata=keywords)


def optional(default: Any, **keywords: Any) -> Any:
    """Return a field that may be left out, with keywords of JSON schema that bound it."""
    return attrs.field(default=default, metadata=keywords)
