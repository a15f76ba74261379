"""Looking at what happened: traces, ladder diagrams and captures."""

from __future__ import annotations

from trio_runtime.observe.capture import Capture, CaptureStatistics
from trio_runtime.observe.capture_reader import load_capture, read_frames
from trio_runtime.observe.errors import CaptureFileError
from trio_runtime.observe.ladder import render_ladder
from trio_runtime.observe.redact import redact, redact_text
from trio_runtime.observe.scan import headline, scan_call_id
from trio_runtime.observe.trace import Trace, TraceEntry

__all__ = [
    "Capture",
    "CaptureFileError",
    "CaptureStatistics",
    "Trace",
    "TraceEntry",
    "headline",
    "load_capture",
    "read_frames",
    "redact",
    "redact_text",
    "render_ladder",
    "scan_call_id",
]
