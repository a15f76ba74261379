"""Our back-to-back user agent in front of one server; arguments: its port, the server's, kind of media."""

import gc
import sys
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script, beside peers that are no packages

from trio_runtime import B2buaConfig, open_b2bua


async def main(port: int, server: int, mode: str) -> None:
    """Connect calls until interrupted."""
    gc.set_threshold(50_000, 20, 50)  # as the command line has it
    target = f"sip:service@127.0.0.1:{server}"
    policy = B2buaConfig(media="pass", transfers="pass") if mode == "pass" else B2buaConfig()
    async with open_b2bua(
        lambda _: target,
        policy=policy,
        sip_port=port,
        bind_host="127.0.0.1",
        no_media=mode == "signalling",
        trace_messages=0,
    ):
        await trio.sleep_forever()


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
