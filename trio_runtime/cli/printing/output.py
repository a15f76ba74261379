"""What the command line says: plain text for people, one JSON object a line for programs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TextIO

import attrs
import trio

__all__ = ["Json", "Output", "Record", "printable"]

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
"""What a JSON line can hold."""


@attrs.frozen
class Record:
    """One thing that is said.

    Attributes:
        event: Its name in JSON.
        text: The same for people; empty for what only programs want to know.
        values: The fields of the JSON object.
    """

    event: str
    text: str
    values: Mapping[str, Json] = attrs.field(factory=dict)


class Output:
    """Writes records, each at once, so that a program behind a pipe sees them when they happen.

    Args:
        stream: Where to.
        json_lines: Whether to write JSON instead of text.

    Attributes:
        stream: See above.
        json_lines: See above.
    """

    def __init__(self, stream: TextIO, *, json_lines: bool) -> None:
        self.json_lines = json_lines
        self.stream = stream
        self._print: Callable[[str], object] | None = None

    @property
    def watched(self) -> bool:
        """Whether a person watches: it is text, and goes to a terminal."""
        return not self.json_lines and self.stream.isatty()

    def print_by(self, print_text: Callable[[str], object] | None) -> None:
        """Let something else write the lines, which has more on the same terminal; None writes them here."""
        self._print = print_text

    def write(self, record: Record) -> None:
        """Write one record."""
        self.write_all((record,))

    def write_all(self, records: Iterable[Record]) -> None:
        """Write several records in one go."""
        lines = [line for record in records if (line := self._line(record))]
        if not lines:
            return
        print_text = self._print
        if print_text is not None:
            print_text("\n".join(lines))
        else:
            self.stream.write("\n".join(lines) + "\n")
            self.stream.flush()

    async def write_patiently(self, records: Sequence[Record]) -> None:
        """Write several records while other tasks go on, however long the reader of a pipe takes."""
        if isinstance(self.stream, io.StringIO):  # memory makes nobody wait
            self.write_all(records)
            await trio.lowlevel.checkpoint()
        else:
            await trio.to_thread.run_sync(self.write_all, records, abandon_on_cancel=True)

    def _line(self, record: Record) -> str:
        if self.json_lines:
            return json.dumps({"event": record.event, **record.values}, ensure_ascii=True)
        return printable(record.text)


def printable(text: str) -> str:
    """Replace what a peer could use to command the terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)
