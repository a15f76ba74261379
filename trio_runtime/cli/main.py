"""The program: reads the command line, runs the verb, and says every failure in one line."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import trio

from trio_runtime.api import kernel_environment
from trio_runtime.base.environment import Environment
from trio_runtime.cli.arguments import PROGRAM, parse_arguments
from trio_runtime.cli.failures import failure_of
from trio_runtime.cli.logs import logging_to
from trio_runtime.cli.printing.output import Output
from trio_runtime.cli.signals import Interrupt, run_interruptible
from trio_runtime.cli.verbs.api import serve_api
from trio_runtime.cli.verbs.b2bua import b2bua
from trio_runtime.cli.verbs.call import call
from trio_runtime.cli.verbs.codecs import list_codecs
from trio_runtime.cli.verbs.conference import confer
from trio_runtime.cli.verbs.demo import demo
from trio_runtime.cli.verbs.ladder import show_capture
from trio_runtime.cli.verbs.load import load
from trio_runtime.cli.verbs.message import write_message
from trio_runtime.cli.verbs.options import ask_options
from trio_runtime.cli.verbs.proxy import proxy
from trio_runtime.cli.verbs.queue import serve_queue
from trio_runtime.cli.verbs.register import register
from trio_runtime.cli.verbs.registrar import registrar
from trio_runtime.cli.verbs.serve import serve
from trio_runtime.cli.verbs.simulate import simulate, virtual_clock
from trio_runtime.cli.verbs.subscribe import watch

__all__ = ["main"]


class Verb(Protocol):
    """What a verb does; it returns the exit status."""

    async def __call__(
        self, options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
    ) -> int:
        """Run it."""
        ...


_VERBS: dict[str, Verb] = {
    "demo": demo,
    "serve": serve,
    "call": call,
    "register": register,
    "registrar": registrar,
    "proxy": proxy,
    "b2bua": b2bua,
    "queue": serve_queue,
    "options": ask_options,
    "codecs": list_codecs,
    "ladder": show_capture,
    "simulate": simulate,
    "message": write_message,
    "subscribe": watch,
    "api": serve_api,
    "conference": confer,
    "load": load,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; nothing but a fault of our own is raised.

    Args:
        arguments: Without the program's name; those of this process when ``None``.
    """
    try:
        options = parse_arguments(arguments)
        with logging_to(sys.stderr):
            clock = virtual_clock() if options.verb == "simulate" else None
            return trio.run(_run, options, clock=clock)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except (Exception, KeyboardInterrupt, BaseExceptionGroup) as error:
        failure = failure_of(error)
        if failure is None:
            raise
        _say(failure[1])
        return failure[0]


async def _run(options: Namespace) -> int:
    environment = kernel_environment()
    try:
        output = Output(sys.stdout, json_lines=options.json)
        verb = partial(_VERBS[options.verb], options, output, environment=environment)
        return await run_interruptible(verb)
    finally:
        environment.close()


def _say(line: str) -> None:
    if line:
        print(f"{PROGRAM}: {line}", file=sys.stderr)
        return
    # The reader of our output is gone, and Python must not stumble over that when it flushes at its end.
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
