"""Forms of texts, numbers and truth, within the bounds of their schema."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from trio_runtime.control.forms.form import Form, FormError, JsonSchema

__all__ = ["PLAIN_FORMS", "bounded", "written_as_it_is"]

_GREATEST = 2**53  # above it not every reader of JSON can tell whole numbers apart


def written_as_it_is(value: Any) -> Any:
    """Return a value that JSON has as it is."""
    return value


def _read_text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise FormError("must be a text", field=field)
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise FormError("holds half of a surrogate pair", field=field)
    return value


def _read_number(value: object, field: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise FormError("must be a number", field=field)
    if not math.isfinite(value) or abs(value) > _GREATEST:
        raise FormError("must be a finite number, at most 2**53", field=field)
    return value


def _read_whole(value: object, field: str) -> int:
    number = _read_number(value, field)
    if int(number) != number:
        raise FormError("must be a whole number", field=field)
    return int(number)


def _read_flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise FormError("must be true or false", field=field)
    return value


def _read_nothing(value: object, field: str) -> None:
    if value is not None:
        raise FormError("must be null", field=field)


def _write_number(value: float) -> float | None:
    return value if math.isfinite(value) else None


PLAIN_FORMS: dict[Any, Form] = {
    str: Form({"type": "string"}, _read_text, str),
    int: Form({"type": "integer"}, _read_whole, written_as_it_is),
    float: Form({"type": "number"}, _read_number, _write_number),
    bool: Form({"type": "boolean"}, _read_flag, written_as_it_is),
    type(None): Form({"type": "null"}, _read_nothing, written_as_it_is),
}
"""Forms by Python type."""


def _fits(text: str, pattern: str) -> bool:
    """Whether a whole text fits; unlike in JSON schema, the ``$`` of Python lets a line break pass."""
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text) is not None


_CHECKS: dict[str, Callable[[Any, Any], str | None]] = {
    "minimum": lambda value, least: None if value >= least else f"must be at least {least}",
    "maximum": lambda value, most: None if value <= most else f"must be at most {most}",
    "minLength": lambda value, least: None if len(value) >= least else "must not be empty",
    "maxLength": lambda value, most: None if len(value) <= most else f"must not be longer than {most}",
    "minItems": lambda value, least: None if len(value) >= least else "must not be empty",
    "maxItems": lambda value, most: None if len(value) <= most else f"must not have more than {most}",
    "pattern": lambda value, pattern: None if _fits(value, pattern) else f"must look like {pattern}",
}


def bounded(form: Form, bounds: JsonSchema) -> Form:
    """Return a form with keywords of JSON schema that bound it.

    Args:
        form: The form without them.
        bounds: Keywords with their values.
    """
    if not bounds:
        return form
    read = form.read

    def read_bounded(value: object, field: str) -> Any:
        known = read(value, field)
        if known is not None:
            for keyword, bound in bounds.items():
                problem = _CHECKS[keyword](known, bound)
                if problem is not None:
                    raise FormError(problem, field=field)
        return known

    return Form(_with_bounds(form.schema, bounds), read_bounded, form.write)


def _with_bounds(schema: JsonSchema, bounds: JsonSchema) -> JsonSchema:
    """Add the bounds to a schema; where null is allowed, to what else is."""
    if "anyOf" not in schema:
        return {**schema, **bounds}
    return {"anyOf": [part if part == {"type": "null"} else {**part, **bounds} for part in schema["anyOf"]]}
