"""A conference server: who calls sip:NAME@host is in the room NAME; music plays until somebody else comes.

    python examples/conference_server.py [WAV]

Everybody hears all others (the N-1 mix), at 16 kHz where phones can; hanging up leaves the room, and the last
one closes it. Whoever subscribes to a room's address sees who is in it. Without a WAV file it is quiet.
"""

import sys

import trio

from trio_runtime import IncomingCall, MediaConfig, SessionCoordinator, open_server


async def enter(server: SessionCoordinator, call: IncomingCall, music: str | None) -> None:
    """Let a caller into the room that was called, which the first one opens and the last one closes."""
    name = call.called_user or "lobby"
    rooms = {room.name: room for room in server.conferences}
    room = rooms.get(name) or server.open_conference(name=name, uri=call.called_uri, music=music)
    await room.join(call)
    if room.empty:
        room.close()


async def confer(server: SessionCoordinator, music: str | None = None) -> None:
    """Take every call until cancelled."""
    await server.serve(lambda call: enter(server, call, music))


async def main() -> None:
    async with open_server(sip_port=5060, media=MediaConfig(codecs=("G722", "PCMU", "PCMA"))) as server:
        await confer(server, sys.argv[1] if len(sys.argv) > 1 else None)


if __name__ == "__main__":
    trio.run(main)
