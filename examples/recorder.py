"""A recorder: every call goes on to the same user at another host, and a WAV file keeps both sides of it.

    python examples/recorder.py pbx.example.com /var/spool/calls

The caller is in the left channel, the callee in the right one; the file is valid after every write. Packets
are relayed as they come where both sides have one codec, and are decoded for the file only.
"""

import sys
from pathlib import Path

import trio

from trio_runtime import IncomingCall, SessionCoordinator, bridge, open_server


async def keep(call: IncomingCall, folder: Path) -> None:
    """Record a call from its answer to its end."""
    await call.answered()
    async with call.recording(folder / f"{call.id}.wav", channels="split"):
        await call.ended()


async def connect(server: SessionCoordinator, call: IncomingCall, host: str, folder: Path) -> None:
    """Call the dialled user at `host`, connect the two, and record them."""
    async with (
        server.make_call(f"sip:{call.called_user}@{host}", on_behalf_of=call) as leg,
        trio.open_nursery() as nursery,
    ):
        recording = trio.CancelScope()

        async def record() -> None:
            with recording:
                await keep(call, folder)

        nursery.start_soon(record)
        ended = await bridge(call, leg)
        print(f"{call.id}: {call.remote_uri} and {leg.remote_uri}: {ended.end}", flush=True)
        recording.cancel()  # a call that nobody has answered


async def main() -> None:
    host, folder = sys.argv[1], Path(sys.argv[2])
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)
    async with open_server(sip_port=5060) as server:
        await server.serve(lambda call: connect(server, call, host, folder))


if __name__ == "__main__":
    trio.run(main)
