"""Registering from the command line."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from tests.runtime.cli_bench import Run
from tests.runtime.registrar import registrar
from trio_runtime import RegistrationRejected
from trio_runtime.cli.arguments import parse_arguments
from trio_runtime.cli.failures import UsageError, failure_of
from trio_runtime.testing import Wire

SERVER, CALLER = "10.0.0.9", "10.0.0.1"
ALICE = f"sip:alice@{SERVER}"
USERS = {"alice": "secret"}
SIGN_IN = ("--password", "secret", "--json")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_register_once_says_what_was_granted_and_unregisters(
    transport: str, autojump_clock: MockClock
) -> None:
    """CLI-2, COO-6: status 0, and no contact is left."""
    wire = Wire()
    options = {"bind_host": SERVER, "listen": (transport,)}
    async with wire, registrar(wire.environment(SERVER), users=USERS, options=options) as far:
        run = Run(("register", f"{ALICE};transport={transport}", "--once", "--expires", "120", *SIGN_IN))
        await run.main(wire.environment(CALLER))
        assert run.status == 0
        assert run.events() == ["registered", "unregistered"]
        assert run.record("registered")["expires"] == 120
        assert run.record("registered")["uri"] == ALICE
        assert run.record("registered")["flow"] == f"{transport}:{SERVER}:5060"
        assert run.record("unregistered")["cause"] == "removed"
        assert far.contacts(ALICE) == []


async def test_register_stays_until_interrupted_or_the_time_is_over(autojump_clock: MockClock) -> None:
    """CLI-2, COO-6: refreshed meanwhile; the interrupt is no failure."""
    wire = Wire()
    async with wire, registrar(wire.environment(SERVER), options={"bind_host": SERVER}) as far:
        timed = Run(("register", ALICE, "--expires", "60", "--duration", "100", "--json"))
        await timed.main(wire.environment(CALLER))
        assert timed.status == 0
        assert timed.events().count("registered") >= 3
        run = Run(("register", ALICE))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run.main, wire.environment(CALLER))
            await trio.sleep(10)
            assert len(far.contacts(ALICE)) == 1
            run.interrupt.trigger()
        assert run.status == 0
        assert far.contacts(ALICE) == []


async def test_wrong_password_is_one_line_and_a_failure(autojump_clock: MockClock) -> None:
    """CLI-2, ERR-1."""
    wire = Wire()
    server = registrar(wire.environment(SERVER), users=USERS, options={"bind_host": SERVER})
    async with wire, server:
        run = Run(("register", ALICE, "--user", "alice", "--password", "wrong", "--json"))
        await run.main(wire.environment(CALLER))
        assert isinstance(run.error, RegistrationRejected)
        assert failure_of(run.error) == (1, f"401 Unauthorized (registering {ALICE})")
        assert run.events() == ["registration_failed"]
        assert run.record("registration_failed")["retry_in"] is None


async def test_serve_and_call_are_registered_meanwhile(autojump_clock: MockClock) -> None:
    """CLI-2, CLI-8, COO-6: the call is made in the name that is registered."""
    wire = Wire()
    async with wire, registrar(wire.environment(SERVER), users=USERS, options={"bind_host": SERVER}) as far:
        sign_in = ("--register", ALICE, *SIGN_IN)
        server = Run(("serve", "--gc", "default", "--bind", "10.0.0.2:5060", *sign_in))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.main, wire.environment("10.0.0.2"))
            await server.said("ready")
            assert far.contacts(ALICE) == ["sip:alice@10.0.0.2:5060"]
            caller = Run(("call", "sip:x@10.0.0.2", "--duration", "1", *sign_in))
            await caller.main(wire.environment(CALLER))
            assert caller.status == 0
            await trio.sleep(1)
            assert server.record("incoming")["remote"] == ALICE
            server.interrupt.trigger()
        assert far.contacts(ALICE) == []
        assert caller.events()[:2] == ["registered", "calling"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("register", "URI"),
        ("register bob", "no SIP URI"),
        ("register sip:a@h --expires 0", "whole seconds"),
        ("register sip:a@h --expires x", "whole seconds"),
        ("serve --password x", "--password needs --register"),
        ("serve --proxy sip:p", "need --register"),
        ("call sip:b@h --outbound", "need --register"),
        ("call sip:b@h --password x", "--password needs --user, --from or --register"),
    ],
)
def test_mistakes_are_said_in_one_line(line: str, said: str) -> None:
    """COO-7, ERR-1."""
    with pytest.raises(UsageError, match=said):
        parse_arguments(line.split())
