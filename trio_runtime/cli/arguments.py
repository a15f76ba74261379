"""The command line: its verbs and their options."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.version import VERSION
from trio_runtime.cli import values
from trio_runtime.cli.accounts import add_register_option, add_sign_in
from trio_runtime.cli.answers import Answer, AnswerKind, read_answer
from trio_runtime.cli.capturing import add_capture
from trio_runtime.cli.collector import GC_MODES
from trio_runtime.cli.configuring import add_config
from trio_runtime.cli.help_texts import HELP
from trio_runtime.cli.parser import OneLineParser
from trio_runtime.cli.register import add_register
from trio_runtime.cli.registrar import add_registrar
from trio_runtime.cli.swarm_options import add_simulate
from trio_runtime.cli.together import check_together
from trio_runtime.cli.transports import add_listen_options, add_tls_options

__all__ = ["PROGRAM", "parse_arguments"]

PROGRAM = "python -m trio_runtime"


def parse_arguments(arguments: Sequence[str] | None = None) -> Namespace:
    """Read the command line; ``verb`` in the result names what to do.

    Args:
        arguments: Without the program's name; those of this process when ``None``.

    Raises:
        UsageError: A mistake, in one line.
        SystemExit: Help or the version was asked for and printed.
    """
    parser = OneLineParser(prog=PROGRAM, description="A telephone: call, be called, ask, and show it all.")
    parser.add_argument("--version", action="version", version=f"sansio-voip {VERSION}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=OneLineParser)
    for name, add_options in _VERBS.items():
        texts = HELP[name]
        add_options(
            verbs.add_parser(name, help=texts.summary, description=texts.description, epilog=texts.epilog)
        )
    words = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(words)
    # A flag that is written goes before the configuration, even where it says what is the default.
    options.given = frozenset([word.partition("=")[0] for word in words if word.startswith("--")])
    check_together(options)
    return options


def _add_common(parser: ArgumentParser, *, default_port: int | None) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    if default_port is None:
        return
    bind = values.bind_address(default_port)
    parser.add_argument(
        "--bind",
        metavar="HOST:PORT",
        type=bind,
        default=("0.0.0.0", default_port),
        help=f"address to listen on; port 0 is any free one (default 0.0.0.0:{default_port})",
    )


def _add_media(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--media-ports",
        metavar="FIRST-LAST",
        type=values.port_range,
        default=MediaConfig().ports,
        help="UDP ports for audio (default 10000-20000)",
    )
    parser.add_argument(
        "--srtp",
        choices=("off", "optional", "required"),
        default=MediaConfig().srtp,
        help="encrypt audio with keys from SIP; required takes no call without (default off)",
    )


def _add_demo(parser: ArgumentParser) -> None:
    _add_common(parser, default_port=None)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="folder for both recordings (default: a new one)"
    )


def _add_serve(parser: ArgumentParser) -> None:
    _add_common(parser, default_port=5060)
    add_config(parser)
    add_listen_options(parser)
    _add_media(parser)
    parser.add_argument(
        "--answer",
        metavar="HOW",
        type=read_answer,
        default=Answer(AnswerKind.ECHO),
        help="echo, tone:HZ, play:FILE, record:DIR, busy or ring (default echo)",
    )
    parser.add_argument("--no-media", action="store_true", help="answer without audio, for signalling load")
    parser.add_argument(
        "--duration", metavar="S", type=values.duration, help="stop after S seconds (default: never)"
    )
    parser.add_argument(
        "--drain",
        metavar="S",
        type=values.seconds,
        default=30.0,
        help="on SIGTERM let calls end by themselves for S seconds; new ones get 503 (default 30)",
    )
    add_sign_in(parser)
    add_register_option(parser)
    add_capture(parser)
    parser.add_argument(
        "--metrics",
        metavar="HOST:PORT",
        type=values.bind_address(9_100),
        help="answer GET /metrics there, for Prometheus (default: do not)",
    )
    said = parser.add_mutually_exclusive_group()
    said.add_argument("--quiet", action="store_true", help="no line for each event, for load")
    said.add_argument("--ladder", action="store_true", help="print the ladder of each call when it is over")
    parser.add_argument(
        "--gc",
        choices=GC_MODES,
        default="tuned",
        help="garbage collector: tuned collects rarely, freeze also exempts what was loaded (default tuned)",
    )


def _add_call(parser: ArgumentParser) -> None:
    parser.add_argument("uri", metavar="URI", type=values.sip_uri, help="whom to call: sip:bob@example.com")
    _add_common(parser, default_port=0)
    add_config(parser)
    add_tls_options(parser)
    _add_media(parser)
    parser.add_argument("--play", metavar="FILE", type=Path, help="WAV file to play")
    parser.add_argument("--record", metavar="FILE", type=Path, help="WAV file to record: peer left, we right")
    parser.add_argument("--dtmf", metavar="KEYS", type=values.keys, help="keys to press, such as 12#")
    parser.add_argument(
        "--duration", metavar="S", type=values.duration, help="hang up S seconds after the answer"
    )
    add_sign_in(parser)
    add_register_option(parser)
    parser.add_argument(
        "--from", dest="from_uri", metavar="URI", type=values.sip_uri, help="who calls: sip:alice@example.com"
    )
    parser.add_argument("--ladder", action="store_true", help="print the ladder of the call at its end")
    add_capture(parser)


def _add_register(parser: ArgumentParser) -> None:
    _add_common(parser, default_port=0)
    add_register(parser)


def _add_registrar(parser: ArgumentParser) -> None:
    _add_common(parser, default_port=5060)
    add_config(parser)
    add_registrar(parser)


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("uri", metavar="URI", type=values.sip_uri, help="whom to ask: sip:example.com")
    _add_common(parser, default_port=0)
    add_tls_options(parser)


def _add_ladder(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.pcapng", type=Path, help="capture file: pcapng or pcap")
    _add_common(parser, default_port=None)
    parser.add_argument("--svg", metavar="OUT.svg", type=Path, help="draw the ladder into this file as well")
    parser.add_argument("--call", metavar="CALL-ID", help="this call only")


_VERBS: dict[str, Callable[[ArgumentParser], None]] = {
    "demo": _add_demo,
    "serve": _add_serve,
    "call": _add_call,
    "register": _add_register,
    "registrar": _add_registrar,
    "options": _add_options,
    "codecs": partial(_add_common, default_port=None),
    "ladder": _add_ladder,
    "simulate": add_simulate,
}
