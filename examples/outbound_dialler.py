"""Calls a list of numbers, few at a time; tries again where that makes sense, and times the answers.

python examples/outbound_dialler.py sip:trunk.example.com message.wav < numbers.txt
"""

import sys
from collections import Counter

import trio

from trio_runtime import CallError, CallRejected, SessionCoordinator, open_client
from trio_runtime.media import Playable

TRIES, PATIENCE_S, LINES, PAUSE_S = 3, 30.0, 5, 1.0
RETRY_AFTER_S = {486: 300.0, 480: 600.0, 408: 600.0, 503: 30.0}  # busy, away, no answer, overloaded


class Dialler:
    """Calls each number until it is answered, or will not be."""

    def __init__(self, phone: SessionCoordinator, trunk: str, sound: Playable) -> None:
        self.answering_s: list[float] = []
        self.outcomes: Counter[str] = Counter()
        self._phone, self._trunk, self._sound, self._lines = phone, trunk, sound, trio.CapacityLimiter(LINES)

    async def reach(self, number: str) -> None:
        """Call a number, again if need be."""
        for tried in range(1, TRIES + 1):
            async with self._lines:
                status = await self._call(self._trunk.replace("sip:", f"sip:{number}@", 1))
            if status not in RETRY_AFTER_S or tried == TRIES:
                break
            await trio.sleep(RETRY_AFTER_S[status])  # meanwhile the line is free
        self.outcomes["answered" if status == 200 else f"{status} after {tried} tries"] += 1

    async def _call(self, uri: str) -> int:
        began = trio.current_time()
        async with self._phone.make_call(uri) as call:
            try:
                with trio.fail_after(PATIENCE_S):
                    await call.answered()
                self.answering_s.append(trio.current_time() - began)
                await call.play(self._sound)
            except (CallError, trio.TooSlowError) as error:
                heard = call.answered_at is not None  # whoever hangs up in the middle has been reached
                return 200 if heard else error.status_code if isinstance(error, CallRejected) else 408
        return 200


async def main() -> None:
    async with open_client("sip:campaign@example.com") as phone, trio.open_nursery() as nursery:
        dialler = Dialler(phone, *sys.argv[1:])
        for number in sys.stdin.read().split():
            nursery.start_soon(dialler.reach, number)
            await trio.sleep(PAUSE_S)
    print(dict(dialler.outcomes), "seconds until the answers:", sorted(dialler.answering_s))


if __name__ == "__main__":
    trio.run(main)
