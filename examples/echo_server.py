"""Answer every call and send back what is heard: `python examples/echo_server.py [PORT]`."""

import sys

import trio

from trio_runtime import IncomingCall, open_server


async def echo(call: IncomingCall) -> None:
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


async def main(port: int = 5060) -> None:
    async with open_server(sip_port=port) as server:
        print(f"listening on {server.bound_addresses}", flush=True)
        await server.serve(echo)


if __name__ == "__main__":
    trio.run(main, *map(int, sys.argv[1:2]))
