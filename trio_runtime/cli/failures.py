"""What goes wrong, as one line and an exit status: 2 for a mistake of usage, 1 for a failure of the world."""

from __future__ import annotations

from trio_runtime.base.errors import ConfigurationError, InvalidUriError, VoipError

__all__ = ["EXIT_FAILED", "EXIT_INTERRUPTED", "EXIT_OK", "EXIT_USAGE", "UsageError", "failure_of"]

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
"""As a shell reports a program that was interrupted."""


class UsageError(VoipError):
    """The command line itself is wrong."""


def failure_of(error: BaseException) -> tuple[int, str] | None:
    """Return the exit status for an error and the line that says it, ``None`` for a fault of our own.

    Args:
        error: What was raised; of a group the first one that matters.
    """
    if isinstance(error, BaseExceptionGroup):
        outcomes = [failure_of(inner) for inner in error.exceptions]
        known = [outcome for outcome in outcomes if outcome is not None]
        return known[0] if len(known) == len(outcomes) else None
    if isinstance(error, KeyboardInterrupt):
        return EXIT_INTERRUPTED, ""
    if isinstance(error, UsageError | ConfigurationError | InvalidUriError):
        return EXIT_USAGE, _one_line(str(error))
    if isinstance(error, BrokenPipeError):
        return EXIT_FAILED, ""  # nobody listens any more, so there is nobody to tell
    if isinstance(error, VoipError):
        return EXIT_FAILED, _one_line(str(error))
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return EXIT_FAILED, _one_line(f"{where}{error.strerror or error}")
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split()) or "failed"
