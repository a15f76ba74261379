"""The command line: its verbs and their options."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from trio_runtime.base.version import VERSION
from trio_runtime.cli.collector import GC_MODES
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.accounts import add_register_option, add_sign_in
from trio_runtime.cli.flags.answers import Answer, AnswerKind, read_answer
from trio_runtime.cli.flags.capturing import add_capture
from trio_runtime.cli.flags.common import add_common, add_media
from trio_runtime.cli.flags.configuring import add_config
from trio_runtime.cli.flags.serving_options import add_drain, add_duration, add_metrics
from trio_runtime.cli.flags.swarm_options import add_simulate
from trio_runtime.cli.flags.together import check_together
from trio_runtime.cli.flags.transports import add_listen_options, add_tls_options
from trio_runtime.cli.help_texts import HELP
from trio_runtime.cli.parser import OneLineParser
from trio_runtime.cli.verbs.api import add_api
from trio_runtime.cli.verbs.b2bua import add_b2bua
from trio_runtime.cli.verbs.conference import add_conference
from trio_runtime.cli.verbs.ladder import add_ladder
from trio_runtime.cli.verbs.load import add_load
from trio_runtime.cli.verbs.message import add_message
from trio_runtime.cli.verbs.proxy import add_proxy
from trio_runtime.cli.verbs.queue import add_queue
from trio_runtime.cli.verbs.register import add_register
from trio_runtime.cli.verbs.registrar import add_registrar
from trio_runtime.cli.verbs.subscribe import add_subscribe

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
    words = sys.argv[1:] if arguments is None else arguments
    # Parsers for all verbs take longer than most verbs do: only who names none first waits for them.
    for name in words[:1] if words and words[0] in _VERBS else _VERBS:
        texts = HELP[name]
        _VERBS[name](
            verbs.add_parser(name, help=texts.summary, description=texts.description, epilog=texts.epilog)
        )
    options = parser.parse_args(words)
    # A flag that is written goes before the configuration, even where it says what is the default.
    options.given = frozenset([word.partition("=")[0] for word in words if word.startswith("--")])
    check_together(options)
    return options


def _add_demo(parser: ArgumentParser) -> None:
    add_common(parser, default_port=None)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="folder for both recordings (default: a new one)"
    )


def _add_serve(parser: ArgumentParser) -> None:
    add_common(parser, default_port=5060)
    add_config(parser)
    add_listen_options(parser)
    add_media(parser)
    parser.add_argument(
        "--answer",
        metavar="HOW",
        type=read_answer,
        default=Answer(AnswerKind.ECHO),
        help="echo, tone:HZ, play:FILE, record:DIR, busy or ring (default echo)",
    )
    parser.add_argument("--no-media", action="store_true", help="answer without audio, for signalling load")
    add_duration(parser)
    add_drain(parser, "let calls end by themselves for S seconds; new ones get 503")
    add_sign_in(parser)
    add_register_option(parser)
    add_capture(parser)
    add_metrics(parser)
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
    add_common(parser, default_port=0)
    add_config(parser)
    add_tls_options(parser)
    add_media(parser)
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
    add_common(parser, default_port=0)
    add_register(parser)


def _add_service(add_own: Callable[[ArgumentParser], None], parser: ArgumentParser) -> None:
    add_common(parser, default_port=5060)
    add_config(parser)
    add_own(parser)


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("uri", metavar="URI", type=values.sip_uri, help="whom to ask: sip:example.com")
    add_common(parser, default_port=0)
    add_tls_options(parser)


_VERBS: dict[str, Callable[[ArgumentParser], None]] = {
    "demo": _add_demo,
    "serve": _add_serve,
    "call": _add_call,
    "register": _add_register,
    "registrar": partial(_add_service, add_registrar),
    "queue": partial(_add_service, add_queue),
    "proxy": partial(_add_service, add_proxy),
    "b2bua": partial(_add_service, add_b2bua),
    "options": _add_options,
    "codecs": partial(add_common, default_port=None),
    "ladder": add_ladder,
    "simulate": add_simulate,
    "message": add_message,
    "subscribe": add_subscribe,
    "api": add_api,
    "conference": add_conference,
    "load": add_load,
}
