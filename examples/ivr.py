"""A menu: press 1 to be transferred, 2 to leave a message, 3 to hear yourself; a key interrupts the prompt.

python examples/ivr.py menu.wav sip:sales@example.com /var/spool/messages
"""

import sys
from pathlib import Path

import trio

from trio_runtime import IncomingCall, SipFailure, open_server
from trio_runtime.media import Playable


async def menu(call: IncomingCall, prompt: Playable, sales: str, messages: Path) -> None:
    """Serve one caller; returning hangs up, and so does whatever goes wrong with the call."""
    await call.answer()
    match await call.ask(prompt, digits=1, timeout=5, tries=3, valid={"1", "2", "3"}):
        case "1":
            try:
                await call.transfer(sales)
            except SipFailure as error:
                print(f"nobody at {sales}: {error}")
        case "2":
            async with call.recording(messages / f"{call.id}.wav", channels="received"):
                with trio.move_on_after(120):
                    await call.collect(digits=1, timeout=120)  # any key, or hanging up, ends the message
        case "3":
            async for frame in call.audio:
                await call.audio.send(frame)


async def main() -> None:
    prompt, sales, messages = sys.argv[1:]
    async with open_server(sip_port=5060) as server:
        await server.serve(lambda call: menu(call, prompt, sales, Path(messages)))


if __name__ == "__main__":
    trio.run(main)
