"""The options with which a verb writes a capture file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from trio_runtime.base.capture_config import CaptureConfig
from trio_runtime.cli.failures import UsageError

__all__ = ["add_capture", "capture_of", "check_capture"]

_WITHOUT_FILE = {
    "capture_media": "--capture-media",
    "capture_decrypted": "--capture-decrypted",
    "capture_secrets": "--capture-secrets",
}


def add_capture(parser: ArgumentParser) -> None:
    """Give a verb the options of a capture."""
    parser.add_argument(
        "--capture", metavar="FILE.pcapng", type=Path, help="write SIP into a file for `ladder` and Wireshark"
    )
    parser.add_argument("--capture-media", action="store_true", help="write RTP and RTCP into it as well")
    parser.add_argument(
        "--capture-decrypted",
        action="store_true",
        help="the same, and SRTP in the clear: the file is audible",
    )
    parser.add_argument(
        "--capture-secrets", action="store_true", help="leave credentials, keys and passwords in the file"
    )


def capture_of(options: Namespace) -> CaptureConfig | None:
    """Return what is to be captured; None when nothing is."""
    if options.capture is None:
        return None
    return CaptureConfig(
        path=options.capture,
        media=options.capture_media or options.capture_decrypted,
        decrypt=options.capture_decrypted,
        redact=not options.capture_secrets,
    )


def check_capture(options: Namespace) -> None:
    """Check that no option speaks of a file that is not written.

    Raises:
        UsageError: One does.
    """
    for name, option in _WITHOUT_FILE.items():
        if getattr(options, name, False) and options.capture is None:
            raise UsageError(f"{option} needs --capture FILE.pcapng")
