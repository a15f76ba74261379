"""Looking at what happens: traces, ladder diagrams, captures, metrics and log lines."""

from __future__ import annotations

from trio_runtime.observe.capture import Capture, CaptureStatistics
from trio_runtime.observe.capture_reader import load_capture, read_frames
from trio_runtime.observe.capture_report import CapturedCall, CaptureReport, read_report
from trio_runtime.observe.errors import CaptureFileError
from trio_runtime.observe.event_log import EventLog, log_message
from trio_runtime.observe.exposition import Family, Sample, render_exposition
from trio_runtime.observe.ladder import LadderNote, render_ladder
from trio_runtime.observe.logs import JsonLineFormatter, RedactingFilter, RedactingFormatter
from trio_runtime.observe.metrics import Metrics, Observable
from trio_runtime.observe.metrics_server import MetricsServer, MetricsServerStatistics
from trio_runtime.observe.redact import redact, redact_text
from trio_runtime.observe.rtp_report import RtpReport
from trio_runtime.observe.scan import headline, scan_call_id
from trio_runtime.observe.svg import render_svg
from trio_runtime.observe.timeline import Timeline, TimelineEntry
from trio_runtime.observe.trace import Trace, TraceEntry

__all__ = [
    "Capture",
    "CaptureFileError",
    "CaptureReport",
    "CaptureStatistics",
    "CapturedCall",
    "EventLog",
    "Family",
    "JsonLineFormatter",
    "LadderNote",
    "Metrics",
    "MetricsServer",
    "MetricsServerStatistics",
    "Observable",
    "RedactingFilter",
    "RedactingFormatter",
    "RtpReport",
    "Sample",
    "Timeline",
    "TimelineEntry",
    "Trace",
    "TraceEntry",
    "headline",
    "load_capture",
    "log_message",
    "read_frames",
    "read_report",
    "redact",
    "redact_text",
    "render_exposition",
    "render_ladder",
    "render_svg",
    "scan_call_id",
]
