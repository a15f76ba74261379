"""A picture of a load: set-up times, and calls at one time, over its time."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from trio_runtime.base.errors import VoipError

if TYPE_CHECKING:
    from pathlib import Path

    from trio_runtime.cli.loading.result import LoadResult

__all__ = ["PlotError", "check_plot", "draw_load"]


class PlotError(VoipError):
    """A picture cannot be drawn."""


def check_plot() -> None:
    """Make sure before the first call that a picture can be drawn after the last.

    Raises:
        PlotError: The library is missing.
    """
    if find_spec("matplotlib") is None:
        raise PlotError("--plot needs matplotlib: pip install 'sansio-voip[plot]'")


def draw_load(result: LoadResult, path: Path) -> None:
    """Draw a load into a PNG file.

    Raises:
        PlotError: The file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), layout="constrained")
    FigureCanvasAgg(figure)
    times, calls = figure.subplots(2, 1, sharex=True)
    answered = [(call.began, call.set_up * 1_000) for call in result.calls if call.set_up is not None]
    failed = [call.over for call in result.calls if call.failure]
    if answered:
        times.plot(*zip(*answered, strict=True), ".", markersize=3, label="answered")
    if failed:
        times.plot(failed, [0] * len(failed), "rx", label="failed")
    times.set_ylabel("set-up time in ms")
    times.set_ylim(bottom=0)
    if answered or failed:
        times.legend(loc="upper left")
    moments, open_calls = _open_calls(result)
    calls.step(moments, open_calls, where="post")
    calls.set_ylabel("calls at one time")
    calls.set_xlabel("seconds")
    calls.set_ylim(bottom=0)
    try:
        figure.savefig(path, dpi=120, format="png")
    except OSError as error:
        raise PlotError(f"cannot write {path}: {error.strerror or error}") from error


def _open_calls(result: LoadResult) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments at which the number of open calls changes, and the numbers."""
    began = np.array([call.began for call in result.calls])
    over = np.array([call.over for call in result.calls])
    moments = np.concatenate([began, over])
    changes = np.concatenate([np.ones(began.size), -np.ones(over.size)])
    order = np.argsort(moments, kind="stable")
    return moments[order], np.cumsum(changes[order])
