"""A client of the WebSocket API: calls somebody, plays a file, tells each event, and hangs up.

python -m trio_runtime api --token-file secret.txt --folder sounds          (the server, elsewhere)
python examples/websocket_api.py ws://127.0.0.1:8088 secret.txt sip:bob@192.0.2.7 hello.wav
"""

import json
import sys
from typing import Any

import trio
import trio_websocket


class Api:
    """Sends commands, one after the other; what comes in between is told."""

    def __init__(self, socket: trio_websocket.WebSocketConnection) -> None:
        self._socket = socket
        self._count = 0

    async def event(self, name: str) -> dict[str, Any]:
        """Wait for an event."""
        while (message := json.loads(await self._socket.get_message())).get("event") != name:
            print(message)
        print(message)
        return dict(message)

    async def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a command and wait for its reply."""
        self._count += 1
        await self._socket.send_message(json.dumps({"id": self._count, "command": command, **fields}))
        while (message := json.loads(await self._socket.get_message())).get("id") != self._count:
            print(message)
        if "error" in message:
            raise SystemExit(f"{command}: {message['error']['message']}")
        return dict(message)


async def call(api: Api, uri: str, file: str) -> None:
    """Call, play when it is answered, and hang up at the end."""
    await api.ask("subscribe", events=["call_progressed", "call_answered", "call_terminated", "job_ended"])
    made = await api.ask("make_call", uri=uri, owned=True)  # it ends with this connection, whatever happens
    await api.event("call_answered")
    await api.ask("play", call=made["call"]["id"], file=file)
    await api.event("job_ended")
    await api.ask("hang_up", call=made["call"]["id"])
    await api.event("call_terminated")


async def main() -> None:
    url, token, uri, file = sys.argv[1:]
    secret = await trio.Path(token).read_bytes()
    headers = [(b"Authorization", b"Bearer " + secret.strip())]
    async with trio_websocket.open_websocket_url(url, extra_headers=headers) as socket:
        await call(Api(socket), uri, file)


if __name__ == "__main__":
    trio.run(main)
