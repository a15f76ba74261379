"""Clients of the WebSocket API in virtual time; each message in either direction is held to the schema."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import attrs
import trio
import trio.testing
import trio_websocket
from jsonschema import Draft202012Validator

from trio_runtime import ApiServer
from trio_runtime.control import api_schema

TOKEN = "a token that nobody guesses"
BEARER = [(b"Authorization", f"Bearer {TOKEN}".encode())]


@cache
def validator(definition: str) -> Draft202012Validator:
    """Holds messages to one definition of the schema."""
    schema = api_schema()
    return Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]})


def definition_of(message: dict[str, Any]) -> str:
    if "event" in message:
        return f"event.{message['event']}"
    if "error" in message:
        return "reply.error"
    return f"reply.{message['reply']}" if "reply" in message else f"command.{message['command']}"


def check(message: dict[str, Any]) -> dict[str, Any]:
    """Hold a message to the schema."""
    validator(definition_of(message)).validate(message)
    return message


@attrs.define
class ApiClient:
    """A client with its connection open.

    Attributes:
        socket: The WebSocket.
        events: What was pushed so far.
        replies: By id.
        closed: The close code, once it is closed.
    """

    socket: trio_websocket.WebSocketConnection
    events: list[dict[str, Any]] = attrs.field(factory=list)
    replies: dict[Any, dict[str, Any]] = attrs.field(factory=dict)
    closed: int | None = None
    _count: int = 0
    _news: trio.lowlevel.ParkingLot = attrs.field(factory=trio.lowlevel.ParkingLot)

    async def read(self) -> None:
        """Read until the connection is closed."""
        try:
            while True:
                message = check(json.loads(await self.socket.get_message()))
                if "event" in message:
                    self.events.append(message)
                else:
                    assert message["id"] not in self.replies or message["id"] is None, message
                    self.replies[message["id"]] = message
                self._news.unpark_all()
        except trio_websocket.ConnectionClosed as closed:
            self.closed = None if closed.reason is None else closed.reason.code
            self._news.unpark_all()

    async def send(self, command: str, **fields: Any) -> int:
        """Send a command that is as the schema wants it, and return its id."""
        self._count += 1
        message = check({"id": self._count, "command": command, **fields})
        await self.socket.send_message(json.dumps(message))
        return self._count

    async def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a command and return its reply."""
        return await self.reply(await self.send(command, **fields))

    async def reply(self, number: Any) -> dict[str, Any]:
        """Wait for a reply."""
        with trio.fail_after(100):
            while number not in self.replies:
                assert self.closed is None, self.closed
                await self._news.park()
        return self.replies.pop(number)

    async def event(self, name: str, **values: Any) -> dict[str, Any]:
        """Wait for an event, also one that has come already, and take it out."""

        def found() -> dict[str, Any] | None:
            for event in self.events:
                if event["event"] == name and values.items() <= event.items():
                    return event
            return None

        with trio.fail_after(100):
            while (event := found()) is None:
                await self._news.park()
        self.events.remove(event)
        return event

    async def over(self) -> int | None:
        """Wait until the connection is closed, and return the code."""
        with trio.fail_after(100):
            while self.closed is None:
                await self._news.park()
        return self.closed


@asynccontextmanager
async def connected(
    api: ApiServer, *, headers: list[tuple[bytes, bytes]] = BEARER, lockstep: bool = False
) -> AsyncIterator[ApiClient]:
    """Connect a client while the block lasts, which reads all the time.

    Args:
        api: The server.
        headers: Of the handshake; by default with the right token.
        lockstep: Whether the server waits for each octet to be read.
    """
    make = trio.testing.lockstep_stream_pair if lockstep else trio.testing.memory_stream_pair
    ours, theirs = make()
    refused: list[BaseException] = []
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(api.handle, theirs)
            stream: Any = ours  # any stream will do
            socket = await trio_websocket.wrap_client_stream(
                nursery, stream, "api", "/", extra_headers=headers
            )
            client = ApiClient(socket)
            if not lockstep:
                nursery.start_soon(client.read)
            yield client
            with trio.move_on_after(5):
                await socket.aclose()
            nursery.cancel_scope.cancel()
    except* trio_websocket.ConnectionRejected as group:
        refused += group.exceptions
    for error in refused:
        raise error
