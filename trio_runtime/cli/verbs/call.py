"""``call``: call somebody, play, press keys, record, hang up."""

from __future__ import annotations

import math
from argparse import Namespace
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_sip.message import Uri
from trio_runtime.api import open_client
from trio_runtime.base.errors import AudioFileError, CallEnded, CallError, MediaError
from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.flags.accounts import account_uri, registering, way_of
from trio_runtime.cli.flags.configuring import base_config, configured
from trio_runtime.cli.flags.outlet import Outlet, outlet_to
from trio_runtime.cli.flags.transports import Transports, transports_to
from trio_runtime.cli.printing.ladders import ladder_record
from trio_runtime.cli.printing.printer import printing_events
from trio_runtime.cli.printing.reports import audio_record
from trio_runtime.media.player import open_player
from trio_runtime.media.recorder import Recorder
from trio_runtime.session import ending_of

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.printing.output import Output
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import Call

__all__ = ["call"]

_TAIL_S = 0.2
"""What the peer's jitter buffer still holds when our last packet is out would be cut off by a BYE."""


async def call(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Make one call; 0 when it was answered and ended well, or was interrupted after the answer.

    Raises:
        VoipError: The call failed, a file cannot be used, or the URI cannot be called.
    """
    attempt, base = _Attempt(), base_config(options, sip_port=0)
    try:
        with interrupt.scope:
            await _check_files(options)
            way = options.uri if options.register is None else way_of(options, options.register)
            bind = options.bind if "--bind" in options.given else (base.bind_host, base.sip_port)
            outlet = await outlet_to(way, bind, environment)
            phone = _open_phone(options, base, outlet, environment, transports_to(way, options, base))
            async with printing_events(phone.subscribe(), output), phone, registering(phone, options):
                await _make(phone, options, attempt)
    finally:
        attempt.report(output)
    return EXIT_FAILED if attempt.call is None else _status(attempt.call)


@attrs.define
class _Attempt:
    """What came about, to be reported when all is over."""

    phone: SessionCoordinator | None = None
    call: Call | None = None

    def report(self, output: Output) -> None:
        """Print the measurements of an answered call, and the ladder where one was asked for."""
        if self.phone is None or self.call is None:
            return
        if self.call.answered_at is not None:
            output.write(audio_record(self.call.statistics()))
        if self.phone.trace is not None:
            names = dict.fromkeys(self.phone.bound_addresses, "we")
            output.write(ladder_record(self.phone.trace, self.call.sip_call_id, names))


def _open_phone(
    options: Namespace,
    base: CoordinatorConfig,
    outlet: Outlet,
    environment: Environment,
    transports: Transports,
) -> SessionCoordinator:
    return open_client(
        options.from_uri or account_uri(options) or _own_uri(options),
        sip_port=outlet.sip_port,
        environment=environment,
        config=configured(options, base),
        bind_host=outlet.bind_host,
        advertised_host=base.advertised_host or outlet.advertised_host,
        username=options.user or base.username,
        password=base.password if options.password is None else options.password,
        trace_messages=1_000 if options.ladder else 0,
        listen=transports.listen,
        connect=transports.connect,
        tls=transports.tls,
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


async def _make(phone: SessionCoordinator, options: Namespace, attempt: _Attempt) -> None:
    async with phone.make_call(options.uri, account=account_uri(options)) as call:
        attempt.phone, attempt.call = phone, call
        await call.answered()
        with trio.move_on_after(options.duration or math.inf):
            await _talk(call, options)


async def _talk(call: Call, options: Namespace) -> None:
    async with AsyncExitStack() as stack:
        try:
            if options.record is not None:
                await stack.enter_async_context(call.recording(options.record, channels="split"))
            if options.play is not None:
                await call.play(options.play)
            if options.dtmf is not None:
                await call.send_dtmf(options.dtmf)
            with trio.move_on_after(_patience(options)):
                await call.ended()
        except (CallError, MediaError) as error:
            # A peer that hangs up in the middle of it is an end like any other.
            if call.end is None or isinstance(error, AudioFileError):
                raise


def _patience(options: Namespace) -> float:
    """Return the seconds for which the peer may still talk when all is done."""
    busy = options.play is not None or options.dtmf is not None
    return _TAIL_S if busy and options.duration is None else math.inf


def _status(call: Call) -> int:
    if call.end is None:  # the peer did not even answer our CANCEL or BYE
        return EXIT_FAILED if call.answered_at is None else EXIT_OK
    status = ending_of(call.end).exit_status
    if status and call.answered_at is not None:
        raise call.error()
    return status
