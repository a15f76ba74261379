"""The smallest SIP server: it answers every call, and listens until the caller hangs up.

    python examples/sip_server.py [PORT]

Whatever else a SIP server owes its callers (OPTIONS, CANCEL, re-INVITE, what it does not know) is done.
"""

import sys

import trio

from trio_runtime import AutoAnswerHandler, open_server


async def main(port: int = 5060) -> None:
    async with open_server(sip_port=port, handler=AutoAnswerHandler()) as server:
        print(f"listening on {server.bound_addresses}", flush=True)
        await trio.sleep_forever()


if __name__ == "__main__":
    trio.run(main, *map(int, sys.argv[1:2]))
