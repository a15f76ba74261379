"""What concerns two options of the command line."""

from __future__ import annotations

from argparse import Namespace

from trio_runtime.cli.failures import UsageError
from trio_runtime.cli.flags.capturing import check_capture

__all__ = ["check_together"]


def check_together(options: Namespace) -> None:
    """Check what concerns two options.

    Raises:
        UsageError: One is of no use without another.
    """
    check_capture(options)
    if options.verb == "serve" and options.no_media and options.answer.needs_audio:
        raise UsageError(f"--no-media leaves nothing for --answer {options.answer.kind.value} to do")
    known = options.verb == "call" and (options.user or options.from_uri or options.config)
    if options.verb in ("call", "serve", "api", "conference"):
        if options.password is not None and not (known or options.register):
            others = "--user, --from or " if options.verb == "call" else ""
            raise UsageError(f"--password needs {others}--register")
        if options.register is None and (options.proxy or options.outbound):
            raise UsageError("--proxy and --outbound need --register")
