"""The command line, ``python -m trio_runtime VERB``."""

from trio_runtime.cli.main import main

__all__ = ["main"]
