"""The form of any type: of plain values, of choices, of lists, and of attrs classes."""

from __future__ import annotations

import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from trio_runtime.control.forms.classes import describe, fields_of, hints_of
from trio_runtime.control.forms.form import Form, FormError, Json, JsonSchema
from trio_runtime.control.forms.plain import PLAIN_FORMS, bounded, written_as_it_is
from trio_runtime.control.forms.special import SPECIAL_FORMS

__all__ = ["form_of", "object_schema", "read_object", "write_object"]


@cache
def form_of(hint: Any) -> Form:
    """Return the form of a type.

    Raises:
        TypeError: It has none, which is a mistake of whoever wrote the class.
    """
    hint = getattr(hint, "__supertype__", hint)
    found = PLAIN_FORMS.get(hint) or SPECIAL_FORMS.get(hint)
    if found is not None:
        return found
    origin = get_origin(hint)
    if origin is Literal:
        return _choice(get_args(hint))
    if origin in (Union, types.UnionType):
        return _one_of([form_of(each) for each in get_args(hint)])
    if origin is tuple:
        return _list_of(form_of(get_args(hint)[0]))
    if origin in (dict, Mapping):
        return _map_of(form_of(get_args(hint)[1]))
    if hint in (Any, object):
        return Form({}, lambda value, _: value, written_as_it_is)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint)
    if isinstance(hint, type) and attrs.has(hint):
        return _class(hint)
    raise TypeError(f"{hint!r} has no form in JSON")


def _choice(allowed: tuple[str, ...]) -> Form:
    def read(value: object, field: str) -> object:
        if value not in allowed or not isinstance(value, str):
            raise FormError(f"must be one of {', '.join(allowed)}", field=field)
        return value

    return Form({"type": "string", "enum": list(allowed)}, read, written_as_it_is)


def _enum(kind: type[Enum]) -> Form:
    """Return the form of an enumeration: its values where they are texts, else its names."""
    named = {each.value if isinstance(each.value, str) else each.name.lower(): each for each in kind}
    words = {each: word for word, each in named.items()}
    form = _choice(tuple(named))
    return Form(form.schema, lambda value, field: named[str(form.read(value, field))], words.__getitem__)


def _one_of(forms: list[Form]) -> Form:
    """Return the form of what may be null; of other unions only the first that fits counts."""
    if len(forms) > 2 or forms[-1] is not PLAIN_FORMS[type(None)]:
        return _any_of(forms)
    first = forms[0]

    def read(value: object, field: str) -> Any:
        return None if value is None else first.read(value, field)

    def write(value: Any) -> Json:
        return None if value is None else first.write(value)

    return Form({"anyOf": [first.schema, {"type": "null"}]}, read, write)


def _any_of(forms: list[Form]) -> Form:
    def read(value: object, field: str) -> Any:
        problem: FormError | None = None
        for form in forms:
            try:
                return form.read(value, field)
            except FormError as error:
                problem = problem or error
        raise problem or FormError("has no form", field=field)

    return Form({"anyOf": [form.schema for form in forms]}, read, written_as_it_is)


def _list_of(item: Form) -> Form:
    def read(value: object, field: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise FormError("must be a list", field=field)
        return tuple([item.read(each, f"{field}[{place}]") for place, each in enumerate(value)])

    schema = {"type": "array", "items": item.schema}
    return Form(schema, read, lambda values: [item.write(each) for each in values])


def _map_of(item: Form) -> Form:
    def read(value: object, field: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise FormError("must be an object", field=field)
        return {name: item.read(each, f"{field}.{name}"[:80]) for name, each in value.items()}

    schema = {"type": "object", "additionalProperties": item.schema}
    return Form(schema, read, lambda values: {name: item.write(each) for name, each in values.items()})


def _class(kind: type) -> Form:
    return Form(
        object_schema(kind),
        lambda value, field: read_object(kind, value, field),
        lambda each: write_object(each),
    )


# Clients know calls as what they are called everywhere else in the API.
_NAMES = {"session_id": "call"}


@cache
def _forms(kind: type) -> dict[str, tuple[attrs.Attribute[Any], Form]]:
    """Return the forms of the fields of a class by their names in JSON, bounded as each field says."""
    hints = hints_of(kind)
    return {
        _NAMES.get(field.name, field.name): (field, bounded(form_of(hints[field.name]), dict(field.metadata)))
        for field in fields_of(kind)
    }


def object_schema(kind: type, constants: Mapping[str, JsonSchema] | None = None) -> JsonSchema:
    """Return the schema of an attrs class.

    Args:
        kind: The class.
        constants: Members that its objects have besides its fields, such as the name of the command.
    """
    words, texts = describe(kind)
    properties: JsonSchema = dict(constants or {})
    required = list(properties)
    for name, (field, form) in _forms(kind).items():
        schema = dict(form.schema)
        if field.name in texts:
            schema["description"] = texts[field.name]
        if field.default is attrs.NOTHING:
            required.append(name)
        properties[name] = schema
    return {
        "type": "object",
        "description": words,
        "properties": properties,
        "required": sorted(required),
        "additionalProperties": False,
    }


def read_object(kind: type, value: object, where: str = "", *, known: frozenset[str] = frozenset()) -> Any:
    """Make an object of an attrs class.

    Args:
        kind: The class.
        value: What came.
        where: Where it stands.
        known: Members that are allowed besides its fields.

    Raises:
        FormError: A member is missing, unknown, or not as it has to be.
    """
    if not isinstance(value, dict):
        raise FormError("must be an object", field=where)
    inside = f"{where}." if where else ""
    forms = _forms(kind)
    for name in value:
        if name not in forms and name not in known:
            raise FormError("there is no such field", field=f"{inside}{name}"[:80])
    values = {}
    for name, (field, form) in forms.items():
        if name in value:
            values[field.name] = form.read(value[name], f"{inside}{name}")
        elif field.default is attrs.NOTHING:
            raise FormError("is missing", field=f"{inside}{name}")
    return kind(**values)


def write_object(value: object) -> dict[str, Json]:
    """Return an attrs object as JSON has it."""
    kind: Any = type(value)
    return {name: form.write(getattr(value, field.name)) for name, (field, form) in _forms(kind).items()}
