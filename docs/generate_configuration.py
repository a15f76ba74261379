"""Write the table of all fields into `docs/operations.md`: `python docs/generate_configuration.py`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs

from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.version import VERSION

TARGET = Path(__file__).with_name("operations.md")
BEGIN, END = "<!-- fields -->\n", "<!-- end of fields -->\n"
_ENTRY = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def tables(kind: type[Any], path: str = "", brackets: str = "") -> Iterator[tuple[str, type[Any]]]:
    """The configuration classes, each with its table in a file."""
    yield brackets, kind
    hints = get_type_hints(kind)
    for field in attrs.fields(kind):
        hint = hints[field.name]
        for each in (hint, *get_args(hint)):
            if isinstance(each, type) and attrs.has(each):
                name = f"{path}{field.name}"
                is_list = each in get_args(hint) and Ellipsis in get_args(hint)
                yield from tables(each, f"{name}.", f"[[{name}]]" if is_list else f"[{name}]")


def default_of(field: attrs.Attribute[Any]) -> str:
    """The default as it would stand in a file."""
    value = field.default
    if value is attrs.NOTHING:
        return "needed"
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return "see there"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "empty"
    return str(value).replace(VERSION, "VERSION") or "empty"


def render() -> str:
    """All tables, one after the other."""
    lines: list[str] = []
    for table, kind in tables(CoordinatorConfig):
        # A field that a configuration inherits is told about where it stands.
        told = [
            entry for each in kind.__mro__ for entry in _ENTRY.findall(inspect.cleandoc(each.__doc__ or ""))
        ]
        about = {name: " ".join(text.split()) for name, text in told}
        title = f"`{table}`, `{kind.__name__}`" if table else f"At the top, `{kind.__name__}`"
        lines += [f"### {title}", "", "| field | default | |", "|---|---|---|"]
        for field in attrs.fields(kind):
            lines.append(f"| `{field.name}` | {default_of(field)} | {about[field.name].replace('|', '/')} |")
        lines.append("")
    return "\n".join(lines)


def written(text: str) -> str:
    """The page with the tables as they are now."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{render()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    TARGET.write_text(written(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
