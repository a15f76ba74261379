"""Being a registrar from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from tests.runtime.cli_bench import Run
from trio_runtime import Account, AutoAnswerHandler, open_coordinator
from trio_runtime.cli.failures import UsageError
from trio_runtime.coordinator import SessionCoordinator
from trio_runtime.testing import Wire

SERVER, DOMAIN = "10.0.0.9", "pbx.test"
ALICE, BOB = f"sip:alice@{DOMAIN}", f"sip:bob@{DOMAIN}"


def phone(wire: Wire, user: str, host: str, **options: Any) -> SessionCoordinator:
    account = Account(f"sip:{user}@{DOMAIN}", password=f"{user}-secret", outbound_proxy=f"sip:{SERVER}")
    return open_coordinator(
        environment=wire.environment(host),
        bind_host=host,
        accounts=(account,),
        **options,
    )


async def test_phones_register_and_call_each_other_and_it_is_all_told(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """SRV-5, COO-6: users from the command line and from a file; events and live counts as JSON."""
    users = tmp_path / "users"
    users.write_text("# the team\n\nbob:bob-secret\n")
    wire = Wire()
    bind = ("--bind", f"{SERVER}:5060", "--json", "--counts", "10", "--connect-calls")
    run = Run(("registrar", DOMAIN, SERVER, "--user", "alice:alice-secret", "--users", str(users), *bind))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.said("ready")
        alice, bob = (
            phone(wire, "alice", "10.0.0.1"),
            phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()),
        )
        async with alice, bob, alice.registered(ALICE), bob.registered(BOB):
            async with alice.make_call(BOB, account=ALICE) as call:
                await call.answered()
                await trio.sleep(11)
        await trio.sleep(1)
        run.interrupt.trigger()
    assert run.status == 0
    registered = [record for record in run.records if record["event"] == "contact_registered"]
    assert [record["address"] for record in registered] == [ALICE, BOB]
    first, *_, last = [record for record in run.records if record["event"] == "registrar"]
    assert (first["addresses"], first["accepted"]) == (2, 2)
    assert (last["addresses"], last["accepted"], last["challenged"]) == (0, 4, 2)
    assert "secret" not in run.text


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ((), "nobody may register"),
        (("--users", "{users}"), "line 2 is not of the form NAME:PASSWORD"),
        (("--anonymous", "--store", "mysql://x"), "--store"),
    ],
)
async def test_mistakes_are_told_in_one_line(
    autojump_clock: MockClock, tmp_path: Path, words: tuple[str, ...], hint: str
) -> None:
    """COO-6, ERR-1: and show no password."""
    users = tmp_path / "users"
    users.write_text("bob:hush\nhush\n")
    wire = Wire()
    async with wire:
        run = Run(("registrar", DOMAIN, *[word.format(users=users) for word in words]))
        await run.main(wire.environment(SERVER))
    assert isinstance(run.error, UsageError)
    assert hint in str(run.error)
    assert "hush" not in str(run.error)
