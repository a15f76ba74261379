"""Looking at what happened: traces and ladder diagrams."""

from __future__ import annotations

from trio_runtime.observe.ladder import render_ladder
from trio_runtime.observe.scan import headline, scan_call_id
from trio_runtime.observe.trace import Trace, TraceEntry

__all__ = ["Trace", "TraceEntry", "headline", "render_ladder", "scan_call_id"]
