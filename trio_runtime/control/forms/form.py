"""What a form is, and the mistake of a value that does not have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from trio_runtime.base.errors import VoipError

__all__ = ["Form", "FormError", "Json", "JsonSchema"]

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
"""What JSON can hold."""

JsonSchema = dict[str, Any]
"""A schema of draft 2020-12, or a part of one."""


class FormError(VoipError):
    """A value does not have its form.

    Attributes:
        field: Where it stands, such as ``events[2]``; empty for the whole.
        problem: What is wrong with it.
    """

    def __init__(self, problem: str, *, field: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field
        self.problem = problem


@attrs.frozen
class Form:
    """How values of one type stand in JSON.

    Attributes:
        schema: Describes them.
        read: Makes a value of what came, given where it stands; raises `FormError`.
        write: The reverse.
    """

    schema: JsonSchema
    read: Callable[[object, str], Any]
    write: Callable[[Any], Json]
