"""A whole SIP server on one port: phones register, call each other, reach a voicemail and a trunk.

    python examples/sip_exchange.py pbx.example.com users.txt

Each line of the file is ``NAME:PASSWORD``. All phones of a user ring; where nobody answers within twenty
seconds, or there is none, the voicemail does. Numbers that begin with 00 go to a trunk. Users need their
password to register and to call; the trunk is known by its address. Registrations outlive the server.
"""

import sys
from pathlib import Path

import attrs
import trio

from trio_runtime import InboundConfig, ProxyRequest, ProxyServer, RegistrarConfig, open_proxy
from trio_runtime.proxy import RouteAnswer, to_registered

VOICEMAIL = "192.0.2.90"
TRUNK = "192.0.2.91"


def route(request: ProxyRequest) -> RouteAnswer:
    """Say where a request goes: groups are tried one after the other, what stands in one group at once."""
    if request.user.startswith("00"):
        return f"sip:{request.user}@{TRUNK}"
    if request.method != "INVITE" or not request.is_for_a_user:
        return to_registered(request)  # which also says 404 and 480
    phones = [attrs.evolve(phone, ring_time=20) for phone in request.registered()]
    return [phones, [f"sip:{request.user}@{VOICEMAIL}"]]


def server(domain: str, users: dict[str, str], store: str) -> ProxyServer:
    """Return the server; it works while its block lasts."""
    return open_proxy(
        route,
        registrar=RegistrarConfig(domains=(domain,), users=users, store=store),
        inbound=InboundConfig(realm=domain, trusted_hosts=(TRUNK,)),
        listen=("udp", "tcp"),
    )


async def main(domain: str, users: dict[str, str]) -> None:
    async with server(domain, users, "sqlite:phones.db") as proxy:
        with proxy.subscribe() as events:
            async for event in events:
                print(event)


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
    trio.run(main, sys.argv[1], dict([line.split(":", 1) for line in lines if line]))
