"""Tables that draw themselves anew where a person watches; programs and files see nothing of them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import attrs
import trio

from trio_runtime.base.service import ServiceScope
from trio_runtime.base.threads import run_blocking
from trio_runtime.cli.printing.output import printable

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from trio_runtime.cli.printing.output import Output

__all__ = ["LiveTable", "live_tables"]

_MAX_ROWS = 20
_LAST_DRAWING_S = 2.0
"""How long a terminal that stands still may keep the program from ending."""


@attrs.frozen
class LiveTable:
    """What is shown: texts, each as it is, without any markup.

    Attributes:
        title: Stands above it.
        columns: Heads of the columns; one that begins with ``>`` is set to the right.
        rows: A text for each column; of more than 20 rows the last ones are counted only.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]] = ()


@asynccontextmanager
async def live_tables(
    draw: Callable[[], Sequence[LiveTable]], output: Output, *, every: float = 0.5
) -> AsyncIterator[None]:
    """Show tables below what is printed while the block lasts, if somebody watches and rich is installed.

    Lines that are printed meanwhile scroll by above them; at the end they are gone. A terminal that stands
    still holds up a thread and no call.

    Args:
        draw: Makes the tables; called in the loop of the program, so it must be quick.
        output: Where to. With ``--json``, or into a pipe or file, nothing is shown.
        every: Seconds between two drawings.
    """
    if not (output.watched and find_spec("rich") and os.environ.get("TERM") != "dumb"):
        yield
        return
    screen = _Screen(draw, output)
    async with ServiceScope(screen.finish) as services:
        await screen.begin()
        services.start_soon(lambda: screen.draw_for_ever(every), name="live tables")
        yield


class _Screen:
    """The tables on a terminal; whatever touches the terminal does it in a thread."""

    def __init__(self, draw: Callable[[], Sequence[LiveTable]], output: Output) -> None:
        from rich.console import Console
        from rich.live import Live

        self._draw = draw
        self._output = output
        self._console = Console(file=output.stream, markup=False, highlight=False)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    async def begin(self) -> None:
        await _in_thread(self._live.start)
        # Soft wrap: a line of ours is one line for whoever copies it, as wide as it may be.
        self._output.print_by(lambda text: self._console.print(text, soft_wrap=True))

    async def draw_for_ever(self, every: float) -> None:
        while True:
            await _in_thread(partial(self._live.update, self._rendered(), refresh=True))
            await trio.sleep(every)

    def _rendered(self) -> Any:
        from rich.console import Group
        from rich.text import Text

        parts: list[RichTable | Text] = []
        for table in self._draw():  # a title of the table's own would be broken at the table's width
            parts += [Text(printable(table.title), style="bold"), _rich_table(table)]
        return Group(*parts)

    async def finish(self) -> None:
        self._output.print_by(None)
        with trio.move_on_after(_LAST_DRAWING_S):
            await _in_thread(self._live.stop)


async def _in_thread(work: Callable[[], object]) -> None:
    await run_blocking(work, abandon_on_cancel=True)


def _rich_table(table: LiveTable) -> RichTable:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    made = Table(box=SIMPLE_HEAD)
    for head in table.columns:
        made.add_column(head.lstrip(">"), justify="right" if head.startswith(">") else "left", no_wrap=True)
    for row in table.rows[:_MAX_ROWS]:
        made.add_row(*[Text(printable(text)) for text in row])
    left_out = len(table.rows) - _MAX_ROWS
    if left_out > 0:
        made.add_row(f"and {left_out} more")
    return made
