"""The text format that Prometheus reads (version 0.0.4)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import attrs

__all__ = ["CONTENT_TYPE", "Family", "Sample", "histogram", "render_exposition"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@attrs.frozen
class Sample:
    """One value.

    Attributes:
        value: The value.
        labels: What tells it from the others of its family.
        suffix: What its name has behind that of the family, such as ``_bucket``.
    """

    value: float
    labels: Mapping[str, str] = attrs.field(factory=dict)
    suffix: str = ""


@attrs.frozen
class Family:
    """All values of one name.

    Attributes:
        name: The name, units at its end.
        kind: ``counter``, ``gauge``, ``histogram`` or ``untyped``.
        about: One sentence.
        samples: The values.
    """

    name: str
    kind: str
    about: str
    samples: tuple[Sample, ...]


def render_exposition(families: Iterable[Family]) -> str:
    """Return the text of a scrape."""
    lines: list[str] = []
    for family in families:
        about = family.about.replace("\\", r"\\").replace("\n", r"\n")
        lines += [f"# HELP {family.name} {about}", f"# TYPE {family.name} {family.kind}"]
        lines += [
            f"{family.name}{sample.suffix}{_labels(sample.labels)} {_number(sample.value)}"
            for sample in family.samples
        ]
    return "\n".join([*lines, ""])


def histogram(name: str, about: str, bounds: Iterable[float], counts: Iterable[int], total: float) -> Family:
    """Return a histogram.

    Args:
        name: Its name.
        about: One sentence.
        bounds: Upper bounds of the buckets, ascending; above the last one is one bucket more.
        counts: How many values each bucket has, that last one included.
        total: The sum of all values.
    """
    samples: list[Sample] = []
    below = 0
    for bound, count in zip([*bounds, math.inf], counts, strict=True):
        below += count
        samples.append(Sample(below, {"le": _number(bound)}, "_bucket"))
    return Family(
        name, "histogram", about, (*samples, Sample(total, suffix="_sum"), Sample(below, suffix="_count"))
    )


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
