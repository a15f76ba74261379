"""``ladder``: what happened in a capture file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from trio_runtime.base.threads import run_blocking
from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK, UsageError
from trio_runtime.cli.flags.common import add_common
from trio_runtime.cli.printing.output import Json, Output, Record
from trio_runtime.observe import CaptureFileError, headline, load_capture, render_ladder
from trio_runtime.observe.capture_report import CapturedCall, CaptureReport, read_report
from trio_runtime.observe.rtp_report import RtpReport
from trio_runtime.observe.svg import render_svg

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import Address
    from trio_runtime.cli.signals import Interrupt

__all__ = ["add_ladder", "show_capture"]

_HEADING = f"{'stream':<46} {'codec':<16} {'packets':>7} {'lost':>6} {'':>8} {'jitter':>9} {'MOS':>5}"


def add_ladder(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument("file", metavar="FILE.pcapng", type=Path, help="capture file: pcapng or pcap")
    add_common(parser, default_port=None)
    parser.add_argument("--svg", metavar="OUT.svg", type=Path, help="draw the ladder into this file as well")
    parser.add_argument("--call", metavar="CALL-ID", help="this call only")


async def show_capture(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Print the ladder of each call of a capture and the quality of its streams; 0 when there is any.

    Raises:
        UsageError: The file is none that can be read, or holds no such call.
        OSError: The SVG file cannot be written.
    """
    status = EXIT_FAILED
    with interrupt.scope:
        # A thread, so that Ctrl-C ends the reading of a large file.
        report = await run_blocking(partial(_read, options.file), abandon_on_cancel=True)
        calls = _chosen(report, options.call)
        if options.svg is not None:
            await run_blocking(partial(_write_svg, options.svg, options.file, calls))
        streams = report.streams if options.call is None else ()
        output.write_all(_records(report, calls, streams))
        status = EXIT_OK if calls or streams else EXIT_FAILED
    return status


def _read(path: Path) -> CaptureReport:
    try:
        return read_report(load_capture(path))
    except CaptureFileError as error:
        raise UsageError(str(error)) from error


def _chosen(report: CaptureReport, call_id: str | None) -> list[CapturedCall]:
    calls = [call for call in report.calls if call_id in (None, call.call_id)]
    if call_id is not None and not calls:
        raise UsageError(f"there is no call {call_id!r} in the capture")
    return calls


def _write_svg(target: Path, source: Path, calls: Sequence[CapturedCall]) -> None:
    messages = sorted((entry for call in calls for entry in call.messages), key=lambda entry: entry.time)
    streams = [stream for call in calls for stream in call.streams]
    title = f"Call {calls[0].call_id}" if len(calls) == 1 else f"{source.name}: {len(calls)} calls"
    target.write_text(render_svg(messages, streams=streams, title=title), encoding="utf-8")


def _records(
    report: CaptureReport, calls: Sequence[CapturedCall], streams: Sequence[RtpReport]
) -> list[Record]:
    records = [_call_record(call) for call in calls]
    if streams:
        text = "\n".join(["streams of no call", _HEADING, *map(_stream_line, streams), ""])
        records.append(Record("streams", text, {"streams": [_stream_values(stream) for stream in streams]}))
    counts: dict[str, Json] = {
        "calls": len(calls),
        "frames": report.frames,
        "others": report.others,
        "left_out": report.left_out,
    }
    words = f"{len(calls)} calls in {report.frames} frames, {report.others} of them neither SIP nor media"
    return [*records, Record("capture", words, counts)]


def _call_record(call: CapturedCall) -> Record:
    lines = [f"call {call.call_id or '(without Call-ID)'}", render_ladder(call.messages), ""]
    if call.streams:
        lines += [_HEADING, *map(_stream_line, call.streams), ""]
    messages: list[Json] = [
        {
            "time": entry.time,
            "source": _place(entry.sender),
            "destination": _place(entry.receiver),
            "message": headline(entry.data),
        }
        for entry in call.messages
    ]
    streams: list[Json] = [_stream_values(stream) for stream in call.streams]
    return Record(
        "call", "\n".join(lines), {"call_id": call.call_id, "messages": messages, "streams": streams}
    )


def _stream_line(stream: RtpReport) -> str:
    ends = f"{_place(stream.source)} > {_place(stream.destination)}"
    score = "" if stream.mos is None else f"{stream.mos:.2f}"
    share = f"({stream.fraction_lost:.1%})"
    return (
        f"{ends:<46} {stream.codec[:16]:<16} {stream.packets:>7} {stream.lost:>6} {share:>8} "
        f"{stream.jitter_ms:>6.2f} ms {score:>5}"
    )


def _stream_values(stream: RtpReport) -> dict[str, Json]:
    values: dict[str, Json] = attrs.asdict(stream, value_serializer=_rounded)
    values |= {"source": _place(stream.source), "destination": _place(stream.destination)}
    return values | {"fraction_lost": round(stream.fraction_lost, 6)}


def _rounded(instance: object, field: object, value: object) -> object:
    return round(value, 6) if isinstance(value, float) else value


def _place(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
