"""``simulate``: many calls between many hosts on a bad network, in virtual time."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING, TextIO

import trio

from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.flags.swarm_options import swarm_config
from trio_runtime.cli.printing.output import Json, Output, Record

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.testing.swarm import SwarmResult

__all__ = ["simulate", "virtual_clock"]

_SHARES = {"median": 0.5, "p95": 0.95, "p99": 0.99, "greatest": 1.0}
_MAX_LISTED = 20


async def simulate(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Run the swarm, under the virtual clock that the program gives this verb; 0 when nothing is left.

    Raises:
        ConfigurationError: A value cannot be used.
    """
    from trio_runtime.testing.swarm import run_swarm  # not before it is wanted, see `swarm_options`

    config = swarm_config(options)
    progress = _Progress(sys.stderr)
    result: SwarmResult | None = None
    with interrupt.scope:
        try:
            result = await run_swarm(config, None if output.json_lines else progress.show)
        finally:
            progress.clear()
    if result is None:
        return EXIT_FAILED
    output.write(_record(result))
    return EXIT_OK if result.ok else EXIT_FAILED


def virtual_clock() -> trio.abc.Clock:
    """Return the clock that the verb needs: one that jumps to the next moment at which something happens."""
    from trio.testing import MockClock

    return MockClock(autojump_threshold=0)


class _Progress:
    """One line that is written over again, where a person watches."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._watched = stream.isatty()
        self._shown = False

    def show(self, over: int, calls: int, virtual_s: float) -> None:
        if self._watched:
            self._shown = True
            self._stream.write(f"\r{over} of {calls} calls are over after {virtual_s:.0f} virtual seconds ")
            self._stream.flush()

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _record(result: SwarmResult) -> Record:
    width = max(len(outcome) for outcome in result.outcomes) if result.outcomes else 0
    lines = [f"calls      {result.calls}, {result.answered} answered"]
    lines += [f"           {outcome.ljust(width)}  {count:>6}" for outcome, count in result.outcomes.items()]
    lines += [
        f"set-up     {_set_up_words(result)}",
        f"changes    {result.changes} holds and resumptions, {result.refused_changes} of them refused",
        f"datagrams  {_wire_words(result)}",
        f"time       {result.virtual_s:.0f} virtual seconds, {result.cpu_s:.1f} s of CPU",
        f"digest     {result.digest}",
        f"stuck      {len(result.stuck)}",
        *_listed(result.stuck),
        f"left       {len(result.leaks)}",
        *_listed(result.leaks),
    ]
    if result.ladder:
        lines += ["", result.ladder]
    return Record("simulation", "\n".join(lines), _values(result))


def _listed(items: tuple[str, ...]) -> list[str]:
    more = [f"           and {len(items) - _MAX_LISTED} more"] if len(items) > _MAX_LISTED else []
    return [f"           {item}" for item in items[:_MAX_LISTED]] + more


def _set_up_words(result: SwarmResult) -> str:
    times = {name: result.set_up(share) for name, share in _SHARES.items()}
    return ", ".join(
        f"{name} {seconds * 1_000:.0f} ms" for name, seconds in times.items() if seconds is not None
    )


def _wire_words(result: SwarmResult) -> str:
    wire = result.wire
    return (
        f"{wire.sent} sent, {wire.delivered} delivered, {wire.lost} lost, {wire.cut} cut off, "
        f"{wire.refused} refused by gates, {wire.dead} at dead hosts, {wire.unheard} unheard"
    )


def _values(result: SwarmResult) -> dict[str, Json]:
    wire = result.wire
    return {
        "ok": result.ok,
        "calls": result.calls,
        "answered": result.answered,
        "outcomes": dict(result.outcomes),
        "set_up_s": {name: result.set_up(share) for name, share in _SHARES.items()},
        "changes": result.changes,
        "refused_changes": result.refused_changes,
        "datagrams": {
            "sent": wire.sent,
            "delivered": wire.delivered,
            "lost": wire.lost,
            "cut": wire.cut,
            "refused": wire.refused,
            "dead": wire.dead,
            "unheard": wire.unheard,
        },
        "virtual_s": round(result.virtual_s, 6),
        "cpu_s": round(result.cpu_s, 3),
        "digest": result.digest,
        "stuck": list(result.stuck),
        "left": list(result.leaks),
        "ladder": list(result.ladder.splitlines()),
    }
