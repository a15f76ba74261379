"""Load for SIPp's built-in answerer: so many calls at so many a second, each held for a moment.

    sipp -sn uas -i 127.0.0.1 -p 5070
    python examples/sipp_client.py sip:service@127.0.0.1:5070 1000 50

It prints how often each end occurred, and exits with 1 if a call did not come about.
"""

import sys
from collections import Counter

import trio

from trio_runtime import CallError, SessionCoordinator, describe_end, open_client

HELD_S = 0.2


async def load(phone: SessionCoordinator, uri: str, calls: int, per_second: float) -> Counter[str]:
    """Make the calls, and return how often each ended in which way."""
    ends: Counter[str] = Counter()

    async def one_call() -> None:
        async with phone.make_call(uri) as call:
            try:
                with trio.move_on_after(30):
                    await call.answered()
                    await trio.sleep(HELD_S)
            except CallError:
                pass  # counted by its end
        ends[describe_end(await call.ended())] += 1

    begun = trio.current_time()
    async with trio.open_nursery() as nursery:
        for number in range(calls):
            await trio.sleep_until(begun + number / per_second)
            nursery.start_soon(one_call)
    return ends


async def main() -> int:
    uri, calls, per_second = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    async with open_client() as phone:
        ends = await load(phone, uri, calls, per_second)
        for end, count in ends.most_common():
            print(f"{count:6d} {end}")
        return 1 if phone.get_stats().failed_sessions else 0


if __name__ == "__main__":
    sys.exit(trio.run(main))
