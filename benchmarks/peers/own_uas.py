"""Our UAS, with 180 and 200; arguments: its style (``callback`` or ``task``), the port, the transports."""

import gc
import sys
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script, beside peers that are no packages

from trio_runtime.api import open_server
from trio_runtime.handlers import Accept, CallDecision, CallHandler
from trio_runtime.session import IncomingCall


class RingAndAccept(CallHandler):
    """Decides in place, without a task."""

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        """Ring, then answer."""
        call.ring()
        return Accept()


async def ring_and_answer(call: IncomingCall) -> None:
    """Ring, answer, wait for the end."""
    call.ring()
    await call.answer()
    await call.ended()


async def main(style: str, port: int, *listen: str) -> None:
    """Serve until interrupted."""
    gc.set_threshold(50_000, 20, 50)  # as the command line's `serve` has it
    handler = RingAndAccept() if style == "callback" else None
    server = open_server(
        sip_port=port,
        bind_host="127.0.0.1",
        listen=listen or ("udp",),
        no_media=True,
        trace_messages=0,
        handler=handler,
    )
    async with server:
        if handler is None:
            await server.serve(ring_and_answer)
        await trio.sleep_forever()


if __name__ == "__main__":
    trio.run(main, sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
