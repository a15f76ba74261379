"""Two phones without any server: one waits, the other one writes to it and calls it by its address.

python examples/p2p.py                        (waits, says where it can be called, echoes)
python examples/p2p.py sip:192.0.2.7:5060 hello.wav
"""

import sys

import trio

from trio_runtime import IncomingCall, RequestsConfig, SessionCoordinator, open_client, open_server
from trio_runtime.events.types import MessageReceived
from trio_runtime.media import Playable

TEXT = RequestsConfig(content_types=("text/plain",))


async def echo(call: IncomingCall) -> None:
    """Answer and send back what is heard; hanging up ends it."""
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


async def wait_for_calls(phone: SessionCoordinator) -> None:
    """Take calls, and print messages, until cancelled."""
    host, port = phone.bound_addresses[0]
    print(f"call me at sip:{host}:{port}")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(phone.serve, echo)
        with phone.subscribe(lambda event: isinstance(event, MessageReceived)) as messages:
            async for event in messages:
                if isinstance(event, MessageReceived):
                    print(f"{event.sender}: {event.text}")


async def call(phone: SessionCoordinator, uri: str, sound: Playable) -> float | None:
    """Say hello in writing and in words; return how the echo sounded (MOS)."""
    await phone.send_message(uri, "I am about to call you")
    async with phone.make_call(uri) as call:
        with trio.fail_after(30):
            await call.answered()
        await call.play(sound)
        statistics = call.statistics()
        return None if statistics is None or statistics.rtp is None else statistics.rtp.mos


async def main() -> None:
    if len(sys.argv) == 1:
        async with open_server(sip_port=5060, requests=TEXT) as phone:
            await wait_for_calls(phone)
    async with open_client(requests=TEXT) as phone:
        print("MOS", await call(phone, *sys.argv[1:]))


if __name__ == "__main__":
    trio.run(main)
