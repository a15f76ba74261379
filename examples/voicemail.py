"""A voicemail: who calls leaves a message; the owner hears the messages with a PIN.

    python examples/voicemail.py greeting.wav beep.wav 2580 /var/spool/messages

Whoever presses the PIN during the greeting hears the messages, the newest first: 3 deletes one, any other key
goes on to the next. Everybody else speaks after the beep, until he hangs up or presses #.
"""

import sys
from pathlib import Path

import trio

from trio_runtime import IncomingCall, open_server
from trio_runtime.media import Playable


async def answer(call: IncomingCall, greeting: Playable, beep: Playable, pin: str, messages: Path) -> None:
    """Serve one caller; returning hangs up."""
    await call.answer()
    pressed = await call.ask(greeting, digits=len(pin), timeout=2, tries=1)
    if pressed == pin:
        await listen(call, beep, messages)
        return
    await call.play(beep)
    call.digits.clear()
    async with call.recording(messages / f"{trio.current_time():.0f}-{call.id}.wav", channels="received"):
        with trio.move_on_after(120):
            await call.collect(digits=1, timeout=120)  # any key, or hanging up, ends the message


async def listen(call: IncomingCall, beep: Playable, messages: Path) -> None:
    """Play the messages to their owner."""
    files = sorted(await trio.Path(messages).glob("*.wav"), reverse=True)
    for file in files:
        if await call.ask(str(file), digits=1, timeout=3, tries=1) == "3":
            await file.unlink()
        await call.play(beep)


async def main() -> None:
    greeting, beep, pin, messages = sys.argv[1:]
    async with open_server(sip_port=5060) as server:
        await server.serve(lambda call: answer(call, greeting, beep, pin, Path(messages)))


if __name__ == "__main__":
    trio.run(main)
