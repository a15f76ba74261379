"""One client: reads its commands, runs each in a task of its own, and sends what waits for it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import trio
import trio_websocket

from trio_runtime.control.commands.others import Login
from trio_runtime.control.commands.replies import Done
from trio_runtime.control.errors import CommandError, error_info
from trio_runtime.control.execution import WORK
from trio_runtime.control.handshake import is_token
from trio_runtime.control.messages import Envelope, error_text, read_command, reply_text
from trio_runtime.control.pushing.frames import text_frame
from trio_runtime.control.rate import Rate

if TYPE_CHECKING:
    from trio_runtime.control.commands.replies import Reply
    from trio_runtime.control.counts import ApiCounts
    from trio_runtime.control.desk import Client, Desk
    from trio_runtime.control.handshake import Welcome
    from trio_runtime.control.pushing.shared_stream import SharedStream

__all__ = ["UNAUTHORIZED", "ApiConnection"]

UNAUTHORIZED = 4_401
"""Close code of a connection that did not sign in."""

Closing: TypeAlias = tuple[int, str]
logger = logging.getLogger("trio_runtime")


class ApiConnection:
    """A connection after its handshake.

    Args:
        desk: What commands work with.
        client: How commands see the connection.
        stream: What the WebSocket sends by, and we beside it.
        counts: What the API counts.
        welcome: The WebSocket, and whether the token came with the handshake.
    """

    def __init__(
        self,
        desk: Desk,
        client: Client,
        stream: SharedStream,
        counts: ApiCounts,
        welcome: Welcome,
    ) -> None:
        config = desk.config
        self._desk = desk
        self._client = client
        self._outbox = client.outbox
        self._socket = welcome.socket
        self._stream = stream
        self._counts = counts
        self._signed_in = welcome.signed_in
        self._rate = Rate(config.commands_per_second, config.burst)
        self._running = 0
        self._closing: Closing | None = None
        self._scope = trio.CancelScope()

    async def run(self) -> None:
        """Serve until either side closes; nothing is raised."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write_for_ever)
                nursery.start_soon(self._ask_for_life)
                await self._read(nursery)
                nursery.cancel_scope.cancel()
        await self._close()

    def close_soon(self, code: int, reason: str) -> None:
        """Close the connection with a code."""
        self._closing = (code, reason)
        self._scope.cancel()

    async def _close(self) -> None:
        code, reason = self._closing or (1_000, "")
        with trio.move_on_after(self._desk.config.login_timeout):
            await self._socket.aclose(code, reason)

    # Reading

    async def _read(self, nursery: trio.Nursery) -> None:
        try:
            if not self._signed_in and not await self._sign_in():
                self._counts.unauthorized += 1
                self._closing = (UNAUTHORIZED, "unauthorized")
                return
            self._client.sign_in()
            while True:
                await self._take(nursery, await self._socket.get_message())
        except trio_websocket.ConnectionClosed:
            return

    async def _sign_in(self) -> bool:
        with trio.move_on_after(self._desk.config.login_timeout):
            message = read_command(await self._socket.get_message())
            command = message.command
            if isinstance(command, Login) and is_token(command.token, self._desk.config.token):
                self._outbox.reply(text_frame(reply_text(message.id, Done())))
                return True
            refusal = CommandError("unauthorized", "sign in first, with the right token")
            await self._socket.send_message(error_text(message.id, refusal.info))
        return False

    async def _take(self, nursery: trio.Nursery, text: str | bytes) -> None:
        message = read_command(text)
        self._counts.commands += 1
        wait = self._rate.take(trio.current_time())
        if wait > 0:
            self._fail(message, CommandError("too_fast", f"more than {self._rate.rate:g} commands a second"))
            await trio.sleep(wait)  # not reading is what slows a sender down in the end
        elif isinstance(message.command, Exception):
            self._fail(message, message.command)
        elif self._running >= self._desk.config.max_running:
            self._fail(message, CommandError("limit", "too many commands are under way"))
        else:
            self._running += 1
            nursery.start_soon(self._do, message, name=f"API {type(message.command).__name__}")

    async def _do(self, message: Envelope) -> None:
        """Run a command; whatever happens in it, it has one reply and ends nothing else."""
        try:
            reply = await self._work(message)
        except Exception as error:
            self._fail(message, error)
        else:
            self._outbox.reply(text_frame(reply_text(message.id, reply)))
        finally:
            self._running -= 1

    async def _work(self, message: Envelope) -> Reply:
        if isinstance(message.command, Login):
            if not is_token(message.command.token, self._desk.config.token):
                raise CommandError("unauthorized", "token: is not the right one", field="token")
            return Done()
        work: Callable[..., Awaitable[Reply]] = WORK[type(message.command)]
        return await work(self._desk, self._client, message.command)

    def _fail(self, message: Envelope, error: Exception) -> None:
        self._counts.errors += 1
        self._outbox.reply(text_frame(error_text(message.id, error_info(error))))

    # Writing

    async def _write_for_ever(self) -> None:
        while True:
            piece = await self._outbox.next_piece()
            with trio.move_on_after(self._desk.config.send_timeout) as patience:
                try:
                    await self._stream.send_all(piece)
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    self.close_soon(1_006, "")
                    return
            if patience.cancelled_caught:
                await self._cut("does not take what is sent")
                return

    async def _ask_for_life(self) -> None:
        interval = self._desk.config.ping_interval
        while True:
            await trio.sleep(interval)
            with trio.move_on_after(interval) as patience:
                try:
                    await self._socket.ping()
                except trio_websocket.ConnectionClosed:
                    return
            if patience.cancelled_caught:
                await self._cut("does not answer")
                return

    async def _cut(self, why: str) -> None:
        self._counts.cut += 1
        logger.info("a client of the API %s: its connection is cut", why)
        await trio.aclose_forcefully(self._stream)
        self.close_soon(1_006, "")
