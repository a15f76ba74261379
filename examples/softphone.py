"""A telephone with microphone and loudspeaker (extra ``softphone``), or with two WAV files.

python examples/softphone.py sip:bob@192.0.2.7
python examples/softphone.py sip:bob@192.0.2.7 say.wav heard.wav
"""

import importlib
import sys
from typing import Any

import trio

from trio_runtime import Call, CallEnded, open_client
from trio_runtime.media import Playable


def open_card(rate: int) -> Any:
    """Return a stream of the sound card, read and written in blocks of 20 ms."""
    sounddevice = importlib.import_module("sounddevice")  # it needs PortAudio, and not everybody has that
    return sounddevice.Stream(rate, rate // 50, channels=1, dtype="int16", latency="low")


async def speak(call: Call, card: Any) -> None:
    """Send what the microphone hears."""
    while True:
        frame, _ = await trio.to_thread.run_sync(card.read, card.blocksize, abandon_on_cancel=True)
        call.audio.send_nowait(frame[:, 0].copy())


async def talk(call: Call) -> None:
    """Talk by the sound card until the call ends; a thread waits for it, and no call does."""
    with open_card(call.audio.rate) as card:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(speak, call, card)
            async for frame in call.audio:
                await trio.to_thread.run_sync(card.write, frame.reshape(-1, 1), abandon_on_cancel=True)
            nursery.cancel_scope.cancel()


async def play_and_record(call: Call, say: Playable, heard: str) -> None:
    """Play one file and record the peer into another one."""
    async with call.recording(heard, channels="received"):
        try:
            await call.play(say)
            await trio.sleep(0.5)
        except CallEnded:
            print("the peer hung up")


async def main() -> None:
    async with open_client("sip:me@example.com") as phone, phone.make_call(sys.argv[1]) as call:
        await call.answered()
        await (play_and_record(call, *sys.argv[2:]) if len(sys.argv) == 4 else talk(call))


if __name__ == "__main__":
    trio.run(main)
