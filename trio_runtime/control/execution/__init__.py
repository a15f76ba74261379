"""What each command does."""

from trio_runtime.control.execution.table import WORK

__all__ = ["WORK"]
