"""Somebody who has hung up, keeps the place in the line, and is called when an agent is free."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, VoipError
from trio_runtime.base.types import SessionId
from trio_runtime.bridge import bridge
from trio_runtime.events import queue_types as facts
from trio_runtime.queue.agent_line import talk_on_line
from trio_runtime.queue.core.decisions import Offer, Reason
from trio_runtime.queue.visitor import Visitor

if TYPE_CHECKING:
    from trio_runtime.queue.config import QueueConfig
    from trio_runtime.queue.house import CentreHouse
    from trio_runtime.session import Call

__all__ = ["Callback"]

logger = logging.getLogger("trio_runtime")


class Callback(Visitor):
    """A place in the line without a call. The agent is rung first, then the caller.

    Args:
        house: What the whole centre shares.
        name: Names it, as the id of the call that has been.
        queue: Name of the queue.
        config: How that queue is.
        uri: Whom to call.
    """

    _is_there = False

    def __init__(self, house: CentreHouse, name: str, queue: str, config: QueueConfig, uri: str) -> None:
        super().__init__(house, name, queue, config)
        self._uri = uri
        self._since = house.now()

    def dismissed(self, reason: Reason) -> None:
        """Be forgotten: the centre is closed."""
        self._house.visitors.pop(self.name, None)

    def hang_up(self) -> None:
        """Do nothing: what goes on for it ends with the centre."""

    def _start(self, offer: Offer, scope: trio.CancelScope) -> None:
        self._house.start_soon(lambda: self._ring(offer, scope))

    def _caller(self) -> None:
        return None

    def _connected(self, leg: Call) -> None:
        waited = self._house.now() - self._since
        self._house.publish(
            facts.CallerConnected(SessionId(self.name), self.queue, self.agent, leg.id, waited)
        )

    def _failed(self, error: VoipError) -> None:
        logger.error("the callback to %s failed: %s", self._uri, error)

    async def _talk(self, leg: Call, on_line: bool) -> bool:
        reached: list[Call] = []
        try:
            customer = self._house.start_call(self._uri)
        except VoipError as error:
            logger.error("%s cannot be called back: %s", self._uri, error)
            await trio.lowlevel.checkpoint()
            return False
        finally:
            self._house.visitors.pop(self.name, None)
        with trio.CancelScope(deadline=trio.current_time() + self._config.callback_ring) as patience:

            def found() -> None:
                reached.append(customer)
                patience.deadline = float("inf")

            try:
                if on_line:
                    await customer.answered()
                    found()
                    await talk_on_line(customer, leg, self._config.line_tone)
                else:
                    await bridge(leg, customer, on_answered=found)
            except CallError as error:
                logger.info("%s was not reached: %s", self._uri, error)
            finally:
                customer.hang_up()
        return bool(reached)
