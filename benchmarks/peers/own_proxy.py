"""Our proxy in front of one server; arguments: its port, and that of the server."""

import gc
import sys
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script, beside peers that are no packages

from trio_runtime import ProxyRequest, Reply, open_proxy
from trio_runtime.proxy import RouteAnswer


async def main(port: int, server: int) -> None:
    """Forward until interrupted; OPTIONS is answered, which says that it is ready."""
    gc.set_threshold(50_000, 20, 50)  # as the command line has it
    target = f"sip:service@127.0.0.1:{server}"

    def route(request: ProxyRequest) -> RouteAnswer:
        return Reply(200) if request.method == "OPTIONS" else target

    async with open_proxy(route, sip_port=port, bind_host="127.0.0.1", trace_messages=0):
        await trio.sleep_forever()


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]), int(sys.argv[2]))
