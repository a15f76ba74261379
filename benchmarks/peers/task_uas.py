"""Our UAS with one task a call, as `serve(handler)` runs it; argument: the port."""

import gc
import sys
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script, beside peers that are no packages

from trio_runtime.api import open_server
from trio_runtime.session import IncomingCall


async def take(call: IncomingCall) -> None:
    """Ring, answer, wait for the end."""
    call.ring()
    await call.answer()
    await call.ended()


async def main() -> None:
    """Serve until interrupted."""
    gc.set_threshold(50_000, 20, 50)  # as the command line's `serve` has it
    server = open_server(sip_port=int(sys.argv[1]), bind_host="127.0.0.1", no_media=True, trace_messages=0)
    async with server:
        await server.serve(take)


trio.run(main)
