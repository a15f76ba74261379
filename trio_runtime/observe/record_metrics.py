"""Any record of statistics as metrics: every number in it, named by its way from the top.

Nothing here knows what a number means: who adds a counter to a record has added it to the metrics.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache

import attrs

from trio_runtime.observe.exposition import Family, Sample

__all__ = ["record_families"]

_MAX_DEPTH = 6
_ENTRY = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def record_families(record: attrs.AttrsInstance, prefix: str) -> list[Family]:
    """Return the numbers of a record and of the records in it; what is None or no number is left out.

    Args:
        record: A record made with attrs.
        prefix: What their names begin with.
    """
    return list(_walk(record, prefix, _MAX_DEPTH))


def _walk(record: attrs.AttrsInstance, prefix: str, depth: int) -> Iterator[Family]:
    for field in attrs.fields(type(record)):
        value, name = getattr(record, field.name), f"{prefix}_{field.name}"
        if isinstance(value, int | float):
            about = _abouts(type(record)).get(field.name, "")
            yield Family(name, "untyped", about or field.name, (Sample(float(value)),))
        elif attrs.has(type(value)) and depth:
            yield from _walk(value, name, depth - 1)


@cache
def _abouts(kind: type) -> dict[str, str]:
    """Return what the docstring of a record says of its fields; kept, for there are as many as classes."""
    text = inspect.getdoc(kind) or ""
    return {name: " ".join(words.split()) for name, words in _ENTRY.findall(text)}
