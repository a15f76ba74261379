"""A SIP ladder diagram as text: one column a party, one arrow a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import attrs

from trio_runtime.base.types import Address
from trio_runtime.observe.scan import headline
from trio_runtime.observe.trace import TraceEntry

__all__ = ["LadderNote", "format_time", "party_label", "render_ladder"]

_TIME_WIDTH = 10
_MIN_GAP = 16
_MAX_GAP = 46


class LadderNote(NamedTuple):
    """A line between the messages, beside the life line of one party.

    Attributes:
        time: Seconds on the clock.
        party: Address of who it is about.
        text: What happened there.
    """

    time: float
    party: Address
    text: str


@attrs.frozen
class _Columns:
    """Where each party's life line stands."""

    labels: tuple[str, ...]
    positions: tuple[int, ...]

    @classmethod
    def fit(cls, labels: list[str], width: int) -> _Columns:
        half = max((len(label) for label in (labels[0], labels[-1])), default=0) // 2 + 1
        half = min(half, _MAX_GAP // 2)
        gaps = max(len(labels) - 1, 1)
        gap = min(max((width - _TIME_WIDTH - 2 * half) // gaps, _MIN_GAP), _MAX_GAP)
        positions = tuple(_TIME_WIDTH + half + number * gap for number in range(len(labels)))
        return cls(tuple(label[: gap - 2] for label in labels), positions)

    def heading(self) -> str:
        """The names, each centred on its life line."""
        row = _Row(self.positions[-1] + _MAX_GAP)
        for label, position in zip(self.labels, self.positions, strict=True):
            row.write(position - len(label) // 2, label)
        return row.text()


class _Row:
    """One line of the diagram that is written into from anywhere."""

    def __init__(self, width: int) -> None:
        self._cells = [" "] * width

    def write(self, position: int, text: str) -> None:
        """Put `text` at `position`; what lies outside the row is cut off."""
        for offset, character in enumerate(text):
            if 0 <= position + offset < len(self._cells):
                self._cells[position + offset] = character

    def text(self) -> str:
        """The row without trailing blanks."""
        return "".join(self._cells).rstrip()


def render_ladder(
    entries: Iterable[TraceEntry | LadderNote],
    names: Mapping[Address, str] | None = None,
    *,
    width: int = 100,
) -> str:
    """Draw messages as a ladder, in plain ASCII.

    Each line begins with the time since the first message. A message that was sent before is marked "again",
    one that did not arrive ends in an `x` instead of an arrow head. Only start lines are shown.

    Args:
        entries: The messages in the order to be shown, and notes among them.
        names: Labels for addresses; addresses with one label share a column. Others are shown as host:port.
        width: Columns of text to aim at; more parties than fit make the lines longer.
    """
    shown = list(entries)
    if not shown:
        return "(no messages)"
    names = names or {}
    ends = [entry[1:2] if isinstance(entry, LadderNote) else entry[1:3] for entry in shown]
    parties = [tuple([party_label(address, names) for address in pair]) for pair in ends]
    labels = list(dict.fromkeys(label for pair in parties for label in pair))
    columns = _Columns.fit(labels, width)
    place = dict(zip(labels, columns.positions, strict=True))
    lines = [columns.heading()]
    seen: set[tuple[Address, Address, bytes]] = set()
    for entry, pair in zip(shown, parties, strict=True):
        row = _Row(columns.positions[-1] + width)
        row.write(0, format_time(entry.time - shown[0].time).rjust(_TIME_WIDTH - 2))
        for position in columns.positions:
            row.write(position, "|")
        if isinstance(entry, LadderNote):
            row.write(place[pair[0]] + 1, f" * {entry.text} ")
        else:
            key = (entry.sender, entry.receiver, entry.data)
            note = " again" if key in seen else ""
            seen.add(key)
            _draw_arrow(row, place[pair[0]], place[pair[1]], headline(entry.data), note, lost=entry.lost)
        lines.append(row.text())
    return "\n".join(lines)


def _draw_arrow(row: _Row, start: int, end: int, text: str, note: str, *, lost: bool) -> None:
    if start == end:
        row.write(start + 1, f" to itself: {text}{note}{' x' if lost else ''}")
        return
    left, room = min(start, end) + 1, abs(end - start) - 1
    text = text[: max(room - 6 - len(note), 1)]
    body = f" {text}{note} ".center(room - 1, "-")
    if start < end:
        row.write(left, body + ("x" if lost else ">"))
    else:
        row.write(left, ("x" if lost else "<") + body)


def party_label(address: Address, names: Mapping[Address, str]) -> str:
    """Return what stands above the life line of an address, in printable ASCII."""
    host, port = address
    text = names.get(address) or (f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return "".join(character if " " <= character <= "~" else "?" for character in text)


def format_time(seconds: float) -> str:
    """Return a time since the beginning for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.3f} s"
