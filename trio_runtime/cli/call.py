"""``call``: call somebody, play, press keys, record, hang up."""

from __future__ import annotations

import math
from argparse import Namespace
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import trio

from sansio_sip.message import Uri
from trio_runtime.api import open_client
from trio_runtime.base.config import MediaConfig
from trio_runtime.base.errors import CallEnded, CallError
from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.ladders import ladder_record
from trio_runtime.cli.printer import EventPrinter
from trio_runtime.cli.reports import audio_record
from trio_runtime.media.player import open_player
from trio_runtime.media.recorder import Recorder
from trio_runtime.session import ending_of

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.output import Output
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import Call

__all__ = ["call"]

_TAIL_S = 0.2
"""What the peer's jitter buffer still holds when our last packet is out would be cut off by a BYE."""


async def call(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment | None = None
) -> int:
    """Make one call; 0 when it was answered and ended well, or was interrupted after the answer.

    Raises:
        VoipError: The call failed, a file cannot be used, or the URI cannot be called.
    """
    await _check_files(options)
    phone = _open_phone(options, environment)
    made: list[Call] = []
    try:
        async with EventPrinter(phone.subscribe(), output), phone:
            with interrupt.scope:
                await _make(phone, options, made)
    finally:
        for each in made:
            _report(phone, each, options, output)
    return _status(made[0]) if made else EXIT_FAILED


def _open_phone(options: Namespace, environment: Environment | None) -> SessionCoordinator:
    host, port = options.bind
    return open_client(
        options.from_uri or _own_uri(options),
        sip_port=port,
        environment=environment,
        bind_host=host,
        username=options.user,
        password=options.password,
        media=MediaConfig(ports=options.media_ports),
        trace_messages=1_000 if options.ladder else 0,
    )


def _own_uri(options: Namespace) -> str | None:
    """Return who calls: a user that signs in belongs to the domain that it calls, as far as we know."""
    if options.user is None:
        return None
    uri = Uri.parse(options.uri)
    return str(Uri(uri.scheme, uri.host, options.user))


async def _check_files(options: Namespace) -> None:
    """Find out before the peer's telephone rings whether both files can be used."""
    if options.play is not None:
        await open_player(options.play, ended=lambda: CallEnded("not playing"))
    if options.record is not None:
        Recorder(options.record, "split").close()


async def _make(phone: SessionCoordinator, options: Namespace, made: list[Call]) -> None:
    async with phone.make_call(options.uri) as call:
        made.append(call)
        await call.answered()
        with trio.move_on_after(options.duration or math.inf):
            await _talk(call, options)


async def _talk(call: Call, options: Namespace) -> None:
    async with AsyncExitStack() as stack:
        if options.record is not None:
            await stack.enter_async_context(call.recording(options.record, channels="split"))
        try:
            if options.play is not None:
                await call.play(options.play)
            if options.dtmf is not None:
                await call.send_dtmf(options.dtmf)
            with trio.move_on_after(_patience(options)):
                await call.ended()
        except CallError:
            if call.end is None:
                raise


def _patience(options: Namespace) -> float:
    """Return the seconds for which the peer may still talk when all is done."""
    busy = options.play is not None or options.dtmf is not None
    return _TAIL_S if busy and options.duration is None else math.inf


def _report(phone: SessionCoordinator, call: Call, options: Namespace, output: Output) -> None:
    if call.answered_at is not None:
        output.write(audio_record(call.statistics()))
    if phone.trace is not None:
        names = dict.fromkeys(phone.bound_addresses, "we")
        output.write(ladder_record(phone.trace, call.sip_call_id, names))


def _status(call: Call) -> int:
    if call.end is None:  # the peer did not even answer our CANCEL or BYE
        return EXIT_FAILED if call.answered_at is None else EXIT_OK
    status = ending_of(call.end).exit_status
    if status and call.answered_at is not None:
        raise call.error()
    return status
