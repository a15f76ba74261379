"""Who may call us: by password, by address, or nobody."""

from __future__ import annotations

from typing import Any

import pytest
import trio
import trio.testing

from trio_runtime import (
    Account,
    CallRejected,
    ConfigurationError,
    CoordinatorConfig,
    InboundConfig,
    IncomingCall,
    open_coordinator,
)
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"
USERS = {"alice": "secret"}


@pytest.mark.parametrize(
    ("inbound", "password", "status", "known_as"),
    [
        (InboundConfig(realm="pbx", users=USERS), "secret", 200, "alice"),
        (InboundConfig(realm="pbx", users=USERS), "wrong", 401, ""),
        (InboundConfig(realm="pbx", users=USERS), None, 401, ""),
        (InboundConfig(realm="pbx", trusted_hosts=("10.0.0.1",)), None, 200, ""),
        (InboundConfig(realm="pbx", trusted_hosts=("10.0.0.7",)), None, 401, ""),
        (None, None, 200, ""),
    ],
)
async def test_caller_is_let_in_by_password_or_by_address(
    sim: Simulation,
    autojump_clock: trio.testing.MockClock,
    inbound: InboundConfig | None,
    password: str | None,
    status: int,
    known_as: str,
) -> None:
    """CLI-8, AUTH-2: the handler hears of nobody else, and is told whose password it was."""
    names: list[str] = []

    async def answer(call: IncomingCall) -> None:
        names.append(call.username)
        await call.answer()
        await call.ended()

    account = Account("sip:alice@10.0.0.1", password=password)
    wire = sim.wire()
    bob = sim.phone(wire, "bob", "10.0.0.2", inbound=inbound)
    async with wire, bob, sim.phone(wire, "alice", "10.0.0.1") as alice, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB, account=account) as call:
            if status == 200:
                await call.answered()
            else:
                with pytest.raises(CallRejected, match=str(status)):
                    await call.answered()
        await sim.settle()
        nursery.cancel_scope.cancel()
    assert names == ([known_as] if status == 200 else [])
    sim.assert_quiet()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("realm", {"realm": ""}),
        ("users", {"users": {"": "x"}}),
        ("users", {"users": [("a", "1"), ("a", "2")]}),
        ("trusted_hosts", {"trusted_hosts": ("trunk.example.com",)}),
    ],
)
def test_bad_value_names_the_field(field: str, values: dict[str, Any]) -> None:
    """CLI-8, COO-7."""
    with pytest.raises(ConfigurationError, match=f"^{field}: "):
        InboundConfig(**{"realm": "pbx", **values})


async def test_realm_that_cannot_be_written_is_a_mistake_of_the_configuration(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-8, COO-7: found when the coordinator opens, and nothing stays open."""
    wire = sim.wire()
    inbound = InboundConfig(realm='p"bx')
    async with wire:
        with pytest.raises(ConfigurationError, match=r"^inbound: "):
            async with open_coordinator(environment=wire.environment("10.0.0.1"), inbound=inbound):
                pytest.fail("not reached")
        assert wire.open_sockets == []


def test_passwords_are_never_shown() -> None:
    """SEC-1."""
    assert "secret" not in repr(CoordinatorConfig(inbound=InboundConfig(realm="pbx", users=USERS)))
