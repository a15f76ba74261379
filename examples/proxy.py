"""A proxy for one domain: users in a table, a ring group, and the voicemail for who does not answer.

    python examples/proxy.py example.com

Calls to 100 ring both phones of the desk at once, calls to 200 a mobile; where nobody answers within twenty
seconds, or all are busy, the voicemail does. Numbers that begin with 00 go to a trunk.
"""

import sys

import trio

from trio_runtime import ProxyRequest, Reply, Target, open_proxy
from trio_runtime.proxy import RouteAnswer

PHONES = {
    "100": ["sip:desk@192.0.2.11", "sip:desk@192.0.2.12"],
    "200": ["sip:mobile@192.0.2.21"],
}
VOICEMAIL = "192.0.2.90"
TRUNK = "trunk.example.net"


def route(request: ProxyRequest) -> RouteAnswer:
    """Say where a request goes: groups are tried one after the other, what stands in one group at once."""
    if request.user.startswith("00"):
        return f"sip:{request.user}@{TRUNK}"
    if request.user not in PHONES:
        return Reply(404)
    phones = [Target(uri=uri, ring_time=20) for uri in PHONES[request.user]]
    return [phones, [f"sip:{request.user}@{VOICEMAIL}"]]


async def main() -> None:
    async with open_proxy(route, domains=(sys.argv[1],), listen=("udp", "tcp")) as proxy:
        with proxy.subscribe() as events:
            async for event in events:
                print(event)


if __name__ == "__main__":
    trio.run(main)
