"""A telephone exchange: phones call each other by their numbers, and everybody else through a trunk.

    python examples/pbx.py pbx.example.com 192.0.2.50 100:secret 101:other

The domain of the phones, the address of the trunk, then the numbers with their passwords. Phones prove who
they are, to register and to call; the trunk is let in by its address, and reaches the phones only.
Registrations outlive the program in `pbx.db`, and phones can watch each other.
"""

import sys

import trio

from trio_runtime import (
    CallDecision,
    CallHandler,
    Forward,
    InboundConfig,
    IncomingCall,
    PresenceConfig,
    RegistrarConfig,
    Reject,
    open_server,
)


class Exchange(CallHandler):
    """Sends each call to where it belongs."""

    def __init__(self, domain: str, trunk: str, users: dict[str, str], store: str = "sqlite:pbx.db") -> None:
        self.domain, self.trunk, self.users = domain, trunk, users
        self.options = {
            "registrar": RegistrarConfig(domains=(domain,), users=users, store=store),
            "inbound": InboundConfig(realm=domain, trusted_hosts=(trunk,)),
            "presence": PresenceConfig(),
        }

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        """To a phone of ours, or out; the trunk is nobody's way to the trunk."""
        number = call.called_user
        if number in self.users:
            return Forward(f"sip:{number}@{self.domain}", timeout=30)
        if call.username:
            return Forward(f"sip:{number}@{self.trunk}", timeout=90)
        return Reject(404)


async def main() -> None:
    domain, trunk, *numbers = sys.argv[1:]
    exchange = Exchange(domain, trunk, dict(each.split(":", 1) for each in numbers))
    async with open_server(handler=exchange, listen=("udp", "tcp"), **exchange.options) as server:
        async for event in server.subscribe():
            print(event)


if __name__ == "__main__":
    trio.run(main)
