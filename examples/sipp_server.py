"""A server for SIPp's built-in caller: it answers, sends back what it hears, and counts.

    python examples/sipp_server.py [PORT]
    sipp -sn uac 127.0.0.1:5060 -m 1000 -r 50 -d 200

Ctrl-C ends it and prints what became of the calls.
"""

import sys

import trio

from trio_runtime import IncomingCall, SessionCoordinator, open_server


async def echo(call: IncomingCall) -> None:
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


def report(server: SessionCoordinator) -> str:
    """Return what became of the calls, in a line."""
    counted = server.get_stats()
    return f"{counted.total_sessions} calls, {counted.failed_sessions} failed"


async def main(port: int = 5060) -> None:
    async with open_server(sip_port=port) as server:
        print(f"listening on {server.bound_addresses}", flush=True)
        try:
            await server.serve(echo)
        finally:
            print(report(server), flush=True)


if __name__ == "__main__":
    try:
        trio.run(main, *map(int, sys.argv[1:2]))
    except* KeyboardInterrupt:
        pass
