"""Asking a caller for keys: prompts that may be interrupted, digits up to a number or an end key."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import trio

from trio_runtime.session.transferring import CallTransfers

if TYPE_CHECKING:
    from trio_runtime.media import Playable

__all__ = ["CallQuestions"]


class CallQuestions(CallTransfers):
    """A call whose peer can be asked for keys."""

    async def collect(
        self,
        *,
        digits: int = 1,
        timeout: float = 5.0,
        between: float = 3.0,
        end: str = "#",
    ) -> str:
        """Return keys that the peer presses, those included that wait in `digits` already.

        Args:
            digits: How many keys are enough.
            timeout: Seconds to wait for the first.
            between: Seconds to wait for each next one.
            end: Keys that end the input and are no part of it.

        Returns:
            What was pressed, empty when nothing was.

        Raises:
            CallEnded: The call ended before there was an answer.
        """
        return await self._collect(
            trio.CancelScope(deadline=trio.current_time() + timeout), digits, between, end
        )

    async def ask(
        self,
        prompt: Playable,
        *,
        digits: int = 1,
        timeout: float = 5.0,
        between: float = 3.0,
        end: str = "#",
        tries: int = 3,
        valid: Collection[str] | None = None,
    ) -> str:
        """Play a prompt, which the first key interrupts, and return the keys that the peer presses.

        What was pressed before the prompt began does not count.

        Args:
            prompt: What to play; see `play`.
            digits: How many keys are enough.
            timeout: Seconds to wait for the first one after the prompt.
            between: Seconds to wait for each next one.
            end: Keys that end the input and are no part of it.
            tries: How often the prompt is played while there is no (valid) answer.
            valid: Answers that count; None takes all but the empty one.

        Returns:
            The answer, empty when there was none.

        Raises:
            AudioFileError: The prompt cannot be read.
            CallEnded: The call ended before there was an answer.
        """
        for _ in range(tries):
            self.digits.clear()
            answer = await self._ask_once(prompt, timeout, digits, between, end)
            if answer in valid if valid is not None else answer:
                return answer
        return ""

    async def _ask_once(self, prompt: Playable, timeout: float, digits: int, between: float, end: str) -> str:
        self._check_alive()
        patience = trio.CancelScope()

        def wait_from_now() -> None:
            patience.deadline = trio.current_time() + timeout

        player = await self._operations.start_playing(self.id, prompt, self.error)
        player.on_finished = wait_from_now
        try:
            return await self._collect(patience, digits, between, end, on_first=player.stop)
        finally:
            player.stop()

    async def _collect(
        self,
        patience: trio.CancelScope,
        digits: int,
        between: float,
        end: str,
        on_first: Callable[[], None] | None = None,
    ) -> str:
        collected = ""
        with patience:
            async for digit in self.digits:
                if on_first is not None:
                    on_first()
                if digit.digit in end:
                    return collected
                collected += digit.digit
                if len(collected) >= digits:
                    return collected
                patience.deadline = trio.current_time() + between
            self._check_alive()  # the keys ended with the call
        return collected
