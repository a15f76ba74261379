"""A conference server: who calls is in the room, and hears music until somebody else comes.

    python examples/conference_server.py [WAV]

Everybody hears all others (the N-1 mix); hanging up leaves the room. Without a WAV file it is quiet.
"""

import sys

import trio

from trio_runtime import SessionCoordinator, open_server


async def confer(server: SessionCoordinator, music: str | None = None) -> None:
    """Take every call into one room until cancelled."""
    async with server.open_conference(music=music) as room:
        await server.serve(room.join)


async def main() -> None:
    async with open_server(sip_port=5060) as server:
        await confer(server, sys.argv[1] if len(sys.argv) > 1 else None)


if __name__ == "__main__":
    trio.run(main)
