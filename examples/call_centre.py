"""A call centre: callers hear music until an agent is free, and leave a message when it takes too long.

    python examples/call_centre.py music.wav beep.wav /var/spool/messages sip:anna@10.0.1.1 sip:bert@10.0.1.2

Who waits longest is next, unless his call is less urgent. Key 0 leads to the voicemail at once, 5 asks to be
called back. Every line that is printed is what became of one caller; in the end come the numbers.
"""

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import trio

from trio_runtime import Call, IncomingCall, QueueAgent, SessionCoordinator, open_server
from trio_runtime.media import Playable


async def leave_message(call: Call, beep: Playable, messages: Path) -> None:
    """Record what a caller says for two minutes at most."""
    await call.play(beep)
    async with call.recording(messages / f"{call.id}.wav", channels="received"):
        with trio.move_on_after(120):
            await call.ended()


async def run_centre(
    server: SessionCoordinator, agents: Iterable[str], music: Playable, voicemail: partial[object]
) -> None:
    """Serve callers until cancelled."""
    async with server.open_call_centre([QueueAgent(uri, uri, wrap_up=5) for uri in agents]) as centre:
        queue = centre.open_queue(
            "calls", music=music, max_wait=180, escape_key="0", callback_key="5", overflow=(voicemail,)
        )

        async def take(call: IncomingCall) -> None:
            outcome = await queue.join(call)
            print(f"{call.remote_uri}: {outcome.end.value} {outcome.agent} after {outcome.waited_s:.0f} s")

        try:
            await server.serve(take)
        finally:
            seen = queue.statistics()
            print(f"{seen.answered} of {seen.offered} answered, {seen.abandoned} gave up")


async def main() -> None:
    music, beep, messages, *agents = sys.argv[1:]
    async with open_server(sip_port=5060) as server:
        await run_centre(server, agents, music, partial(leave_message, beep=beep, messages=Path(messages)))


if __name__ == "__main__":
    trio.run(main)
