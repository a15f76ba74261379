"""A machine's questions to the DNS, asked while everything else goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from sansio_sip.resolve import DnsQuestion
from trio_runtime.base.errors import NetworkError

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog.machine import SipMachine

__all__ = ["DnsLookups"]

_MAX_WAITING = 1_000  # questions
_MAX_OPEN = 16  # questions asked at once; one name server may be slow


class DnsLookups:
    """Asks what a machine wants to know and gives it the answers.

    Args:
        machine: Who asks.
        environment: Clock and network.
        flush: Called after each answer.

    Attributes:
        dropped: Questions that were not asked because too many were waiting.
    """

    def __init__(
        self, machine: SipMachine[object], environment: Environment, flush: Callable[[], None]
    ) -> None:
        self.dropped = 0
        self._machine = machine
        self._clock = environment.clock
        self._look_up = environment.network.look_up
        self._flush = flush
        self._open = trio.Semaphore(_MAX_OPEN)
        self._questions, self._asked = trio.open_memory_channel[DnsQuestion](_MAX_WAITING)

    def ask(self, question: DnsQuestion) -> None:
        """Take a question; it fails at once when too many are waiting."""
        try:
            self._questions.send_nowait(question)
        except trio.WouldBlock:
            self.dropped += 1
            self._machine.dns_failed(question.question, self._clock.now())

    async def run(self) -> None:
        """Answer questions for ever."""
        async with trio.open_nursery() as nursery:
            async for question in self._asked:
                await self._open.acquire()
                nursery.start_soon(self._answer, question)

    async def _answer(self, question: DnsQuestion) -> None:
        try:
            answer = await self._look_up(question.record_type, question.name)
        except NetworkError:
            self._machine.dns_failed(question.question, self._clock.now())
        else:
            now = self._clock.now()
            self._machine.receive_dns_answer(question.question, answer.records, answer.ttl, now)
        finally:
            self._open.release()
        self._flush()

    def close(self) -> None:
        """Release the channel."""
        self._questions.close()
        self._asked.close()
