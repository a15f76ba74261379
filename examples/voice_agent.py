"""A voice agent that can be interrupted: `python examples/voice_agent.py sip:people@example.com`.

Put your model into `respond`: it hears callers and speaks to them, in int16 samples. Key 0 gets a human.
"""

import contextlib
import sys
from collections.abc import Awaitable, Callable

import numpy as np
import trio

from sansio_rtp.audio import VoiceDetector
from trio_runtime import IncomingCall, SipFailure, open_server
from trio_runtime.media import AudioFrame

Model = Callable[..., Awaitable[None]]


async def respond(heard: AudioFrame, say: Callable[[AudioFrame], Awaitable[None]]) -> None:
    """Your model: say the answer, piece by piece, as it is made. This one repeats what it heard."""
    await say(heard)


async def talk(call: IncomingCall, model: Model, people: str, pause: int = 20) -> None:
    """Let the model answer after a pause, in frames of 20 ms, and fall silent when the caller speaks."""
    await call.answer()
    detector, heard, quiet, turn = VoiceDetector(1), [], 0, trio.CancelScope()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(take_keys, call, people)
        async for frame in call.audio:
            if speaks := detector.process(frame[None])[0]:
                turn.cancel()  # what the model is about to say,
                call.audio.clear()  # and what waits to be sent
            heard, quiet = ([*heard, frame], 0) if speaks else (heard and [*heard, frame], quiet + 1)
            if heard and quiet > pause:
                turn, said, heard = trio.CancelScope(), np.concatenate(heard), []
                nursery.start_soon(take_turn, turn, model, said, call)
        nursery.cancel_scope.cancel()


async def take_turn(turn: trio.CancelScope, model: Model, heard: AudioFrame, call: IncomingCall) -> None:
    with turn:
        await model(heard, call.audio.send)


async def take_keys(call: IncomingCall, people: str) -> None:
    async for digit in call.digits:
        if digit.digit == "0":
            with contextlib.suppress(SipFailure):  # nobody is there: we talk on
                await call.transfer(people)


async def main() -> None:
    async with open_server(sip_port=5060) as server:
        await server.serve(lambda call: talk(call, respond, sys.argv[1]))


if __name__ == "__main__":
    trio.run(main)
