"""Log lines without secrets: as text, or one JSON object a line."""

from __future__ import annotations

import json
import logging

from trio_runtime.observe.redact import redact_text

__all__ = ["JsonLineFormatter", "RedactingFilter", "RedactingFormatter"]

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_MAX_TEXT = 16_384
"""Characters of one value; what is longer is cut, so that no peer fills a disk with one line."""


class RedactingFilter(logging.Filter):
    """Masks secrets in the text of each record, for handlers whose formatter is not ours.

    A traceback is made by the formatter, after this: `RedactingFormatter` masks it too.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record; always True."""
        record.msg, record.args = redact_text(record.getMessage()), None
        return True


class RedactingFormatter(logging.Formatter):
    """Formats as another one does, and masks secrets in all of it, tracebacks included."""

    def __init__(self, inner: logging.Formatter | None = None) -> None:
        """Use `inner`, or the format of `logging` itself."""
        super().__init__()
        self._inner = inner or logging.Formatter(logging.BASIC_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        return redact_text(self._inner.format(record))


class JsonLineFormatter(logging.Formatter):
    """Writes each record as a JSON object on one line, without secrets.

    Its fields are ``time`` (seconds since 1970), ``level``, ``logger``, ``message``, ``error`` and
    ``traceback`` where something was raised, and whatever stands in ``extra``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, plain ASCII."""
        values: dict[str, object] = {
            name: _plain(value) for name, value in vars(record).items() if name not in _STANDARD
        }
        values |= {
            "time": round(record.created, 6),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _masked(record.getMessage()),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            values["error"] = _masked(f"{type(error).__name__}: {error}")
            values["traceback"] = _masked(self.formatException(record.exc_info))
        return json.dumps(values, ensure_ascii=True)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return _masked(value if isinstance(value, str) else repr(value))


def _masked(text: str) -> str:
    # Masked first: half a secret would not be known for one.
    return redact_text(text)[:_MAX_TEXT]
