"""Configurations out of tables of text and numbers: a file in TOML, or the environment.

Which fields there are, and of which kind, is read off the classes: a new field can be loaded without a line
here. Every mistake is one line that names the file, the key and what is wrong with it.
"""

from __future__ import annotations

import difflib
import functools
import tomllib
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import attrs

from trio_runtime.base.errors import ConfigurationError

__all__ = ["evolve_from", "read_environment", "read_toml", "variable_name"]

ConfigT = TypeVar("ConfigT", bound=attrs.AttrsInstance)
_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def read_toml(path: Path) -> dict[str, Any]:
    """Return what stands in a file.

    Raises:
        ConfigurationError: It cannot be read, or is no TOML.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror or error}", field=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"is no TOML: {error}", field=str(path)) from error


def read_environment(environment: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """Return what variables with a prefix say: ``SANSIO_MEDIA__PTIME_MS`` is ``ptime_ms`` in ``media``."""
    found: dict[str, Any] = {}
    for name in sorted(environment):
        if not name.startswith(prefix):
            continue
        *tables, key = name[len(prefix) :].lower().split("__")
        table = found
        for each in tables:
            inner = table.setdefault(each, {})
            if not isinstance(inner, dict):
                raise ConfigurationError(f"is a value and a table at once: {each}", field=name)
            table = inner
        table[key] = environment[name]
    return found


def variable_name(prefix: str, key: str) -> str:
    """Return the variable for a field such as ``media.ptime_ms``."""
    return prefix + key.upper().replace(".", "__")


def evolve_from(
    base: ConfigT,
    values: Mapping[str, Any],
    *,
    where: Callable[[str], str],
    path: str = "",
    texts: bool = False,
) -> ConfigT:
    """Return a configuration with some fields replaced.

    Args:
        base: What holds for the others.
        values: The fields, those of an inner configuration in a table of their own.
        where: Makes of the way to a field, such as ``media.ptime_ms``, what stands in front of an error.
        path: The way to ``base``, with a dot at its end.
        texts: Whether all values are texts, as in the environment.

    Raises:
        ConfigurationError: There is no such field, or its value cannot be used.
    """
    changes: dict[str, Any] = {}
    hints = _fields_of(type(base))
    for name, value in values.items():
        if name not in hints:
            raise ConfigurationError(_no_such(name, hints), field=where(f"{path}{name}"))
        reader = _Reader(where, texts=texts)
        changes[name] = reader.read(hints[name], value, f"{path}{name}", getattr(base, name))
    try:
        return attrs.evolve(base, **changes)  # type: ignore[misc]
    except ConfigurationError as error:
        raise ConfigurationError(error.problem, field=where(f"{path}{error.field}")) from error


def _no_such(name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return "there is no such field" + (f", did you mean {close[0]}?" if close else "")


@functools.cache
def _fields_of(kind: type[attrs.AttrsInstance]) -> dict[str, Any]:
    """Return the types of the fields by their names."""
    hints = get_type_hints(kind)
    # What the class itself makes of a value, as of a table of passwords, is up to it.
    return {
        field.name: hints[field.name] if field.converter is None else object for field in attrs.fields(kind)
    }


@attrs.frozen
class _Reader:
    """Brings one value to the kind that its field has; whether it can be used is up to the configuration."""

    where: Callable[[str], str]
    texts: bool

    def read(self, hint: Any, value: Any, path: str, before: object) -> Any:
        kinds = get_args(hint) if get_origin(hint) is types.UnionType else (hint,)
        inner = next((kind for kind in kinds if attrs.has(kind)), None)
        if inner is not None:
            return self._inner(inner, value, path, before)
        if types.NoneType in kinds and str not in kinds and value == "none":
            return None
        sequence = next((kind for kind in kinds if get_origin(kind) is tuple), None)
        if sequence is not None:
            return self._sequence(get_args(sequence), value, path)
        return self._text(kinds, value, path) if self.texts else value

    def _inner(self, kind: type[attrs.AttrsInstance], value: Any, path: str, before: object) -> Any:
        if not isinstance(value, dict):
            raise ConfigurationError("must be a table of fields", field=self.where(path))
        if isinstance(before, kind):
            return evolve_from(before, value, where=self.where, path=f"{path}.", texts=self.texts)
        missing = [
            field.name
            for field in attrs.fields(kind)
            if field.default is attrs.NOTHING and field.name not in value
        ]
        if missing:
            raise ConfigurationError("is missing", field=self.where(f"{path}.{missing[0]}"))
        hints = _fields_of(kind)
        for name in value:
            if name not in hints:
                raise ConfigurationError(_no_such(name, hints), field=self.where(f"{path}.{name}"))
        values = {name: self.read(hints[name], each, f"{path}.{name}", None) for name, each in value.items()}
        try:
            return kind(**values)
        except ConfigurationError as error:
            raise ConfigurationError(error.problem, field=self.where(f"{path}.{error.field}")) from error

    def _sequence(self, kinds: tuple[Any, ...], value: Any, path: str) -> Any:
        if self.texts and isinstance(value, str):
            value = [part.strip() for part in value.split(",")] if value else []
        if isinstance(value, dict):  # which may hold a password
            raise ConfigurationError("must be a list", field=self.where(path))
        if not isinstance(value, list):
            return value  # which the configuration refuses in its own words
        inner = kinds[:1] * len(value) if kinds[-1] is Ellipsis else kinds
        if len(inner) != len(value):
            return tuple(value)
        return tuple(
            [
                self.read(kind, each, f"{path}[{number}]", None)
                for number, (kind, each) in enumerate(zip(inner, value, strict=True))
            ]
        )

    def _text(self, kinds: tuple[Any, ...], value: Any, path: str) -> Any:
        """Read a number or a truth value out of a text; what is none stays a text, which is refused then."""
        if not isinstance(value, str):
            raise ConfigurationError("is a value and no table", field=self.where(path))
        if bool in kinds:
            return _BOOLEANS.get(value.lower(), value)
        for kind in (int, float):
            if kind in kinds:
                try:
                    return kind(value)
                except ValueError:
                    continue
        return value
