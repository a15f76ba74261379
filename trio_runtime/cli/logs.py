"""Log lines on standard error: one line each; a trace of calls only for what we do not know."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from trio_runtime.cli.failures import failure_of
from trio_runtime.observe import redact_text

__all__ = ["logging_to"]

_LOGGERS = ("trio_runtime", "sansio_sip", "sansio_rtp")


class _OneLine(logging.Formatter):
    """Says an expected error in one line; a fault of our own keeps its traceback. Neither holds a secret."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        failure = None if error is None else failure_of(error)
        if failure is None:
            return redact_text(super().format(record))
        return redact_text(f"{record.levelname.lower()}: {record.getMessage()}: {failure[1]}")


@contextmanager
def logging_to(stream: TextIO) -> Iterator[None]:
    """Send the warnings and errors of the library to ``stream`` while the block lasts."""
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_OneLine("%(levelname)s: %(message)s"))
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(handler)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(handler)
