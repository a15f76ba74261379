"""The parser: a mistake becomes one line that says it, instead of a page."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import NoReturn

from trio_runtime.cli.failures import UsageError

__all__ = ["OneLineParser"]


class OneLineParser(ArgumentParser):
    """An `ArgumentParser` that raises `UsageError` where others print and exit."""

    def __init__(
        self, *, prog: str | None = None, description: str | None = None, epilog: str | None = None
    ) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise the mistake; who catches it prints it."""
        raise UsageError(f"{message} (see {self.prog} --help)")
