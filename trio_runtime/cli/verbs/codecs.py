"""``codecs``: which codecs this machine has, and why it lacks the others."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import trio

from sansio_rtp.codec import CodecDescription, FormatKind
from trio_runtime.cli.failures import EXIT_OK
from trio_runtime.cli.printing.output import Json, Output, Record
from trio_runtime.media.codecs import find_codecs

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt

__all__ = ["list_codecs"]


async def list_codecs(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Look for the libraries and print a line for each codec; what is missing is no failure."""
    await trio.lowlevel.checkpoint()
    found = [item for item in find_codecs() if item.kind is FormatKind.VOICE]
    output.write_all(_record(item) for item in found)
    return EXIT_OK


def _record(item: CodecDescription) -> Record:
    missing = item.missing
    number = "dynamic" if item.payload_type is None else str(item.payload_type)
    line = f"{item.label:<12} {item.sample_rate:>6} Hz  payload type {number:<8}"
    text = f"{line} available"
    if missing is not None:
        text = f"{line} not available: {missing.reason}\n{'':<12} to install: {missing.install}"
    values: dict[str, Json] = {
        "name": item.label,
        "encoding": f"{item.name}/{item.clock_rate}/{item.channels}",
        "clock_rate": item.clock_rate,
        "sample_rates": list(item.sample_rates),
        "channels": item.channels,
        "payload_type": item.payload_type,
        "ptimes_ms": list(item.ptimes),
        "fmtp": item.offer_fmtp(item.sample_rate),
        "available": missing is None,
        "reason": None if missing is None else missing.reason,
        "install": None if missing is None else missing.install,
    }
    return Record("codec", text, values)
