"""A back-to-back user agent: every call is connected with the same user at another host.

    python examples/b2bua.py trunk.example.com

The callee rings before the caller is answered; early media, refusals and keys pass; who hangs up ends both
calls. Audio is relayed packet by packet where both sides have one codec, and converted where not.
"""

import sys

import trio

from trio_runtime import IncomingCall, SessionCoordinator, bridge, open_server


async def connect(server: SessionCoordinator, call: IncomingCall, host: str) -> None:
    """Call the dialled user at `host` and connect the two."""
    async with server.make_call(f"sip:{call.called_user}@{host}", on_behalf_of=call) as leg:
        ended = await bridge(call, leg)
        print(f"{call.remote_uri} and {leg.remote_uri}: {ended.end}")


async def main() -> None:
    async with open_server(sip_port=5060) as server:
        await server.serve(lambda call: connect(server, call, sys.argv[1]))


if __name__ == "__main__":
    trio.run(main)
