"""Who we are: accounts of one coordinator, and by which of them and which way a call goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from sansio_sip.message import Request, parse_message
from tests.runtime.registrar import registrar
from trio_runtime import (
    Account,
    ConfigurationError,
    CoordinatorConfig,
    InboundConfig,
    IncomingCall,
    SessionCoordinator,
    open_coordinator,
)
from trio_runtime.testing import Simulation

SERVER = "10.0.0.9"
HOME = f"sip:alice@{SERVER}"
SALES = f"sip:sales@{SERVER}"
BOB = "sip:bob@10.0.0.2"
USERS = {"alice": "secret", "sales": "other"}


def invites(phone: SessionCoordinator) -> list[Request]:
    assert phone.trace is not None
    messages = [parse_message(entry.data) for entry in phone.trace if entry.data[:7] == b"INVITE "]
    return [message for message in messages if isinstance(message, Request)]


async def answer(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("uri", {"uri": "alice"}),
        ("uri", {"uri": "sip:example.com"}),
        ("uri", {"uri": "sip:alice@example.com?subject=x"}),
        ("registrar", {"registrar": "sip:bob@example.com"}),
        ("registrar", {"registrar": "example.com"}),
        ("outbound_proxy", {"outbound_proxy": "proxy"}),
        ("outbound_proxy", {"outbound_proxy": "sip:p", "edges": ("sip:e",)}),
        ("edges", {"edges": ("sip:e", "sip:e")}),
        ("edges", {"edges": ("e",)}),
        ("instance", {"instance": "phone-1"}),
        ("expires", {"expires": 0}),
        ("retry_base", {"retry_base": 0}),
        ("display_name", {"display_name": "a\r\nb"}),
        ("username", {"username": ""}),
    ],
)
def test_bad_account_names_the_field(field: str, values: dict[str, Any]) -> None:
    """CLI-8, COO-7: it fails when it is made."""
    with pytest.raises(ConfigurationError, match=f"^{field}: "):
        Account(**{"uri": "sip:alice@example.com", **values})


def test_password_is_never_shown_and_an_address_is_given_once() -> None:
    """CLI-8, SEC-1."""
    account = Account("sip:alice@example.com", password="hush")
    assert "hush" not in repr(account)
    assert "hush" not in repr(CoordinatorConfig(accounts=(account,)))
    with pytest.raises(ConfigurationError, match="accounts: "):
        CoordinatorConfig(accounts=(account, account))


async def test_each_account_registers_with_its_own_password_and_calls_in_its_own_name(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-8: From and Contact are the account's; the phone's own calls stay its own."""
    accounts = (
        Account(HOME, password="secret"),
        Account(SALES, password="other", display_name="Sales", username="sales"),
    )
    wire = sim.wire()
    server = registrar(wire.environment(SERVER), users=USERS, options={"bind_host": SERVER})
    alice = sim.phone(wire, "phone", "10.0.0.1", accounts=accounts)
    bob = sim.phone(wire, "bob", "10.0.0.2")
    async with wire, server as far, alice, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.registered(HOME), alice.registered(accounts[1]):
            assert [len(far.contacts(aor)) for aor in (HOME, SALES)] == [1, 1]
            for account in (HOME, SALES, None):
                async with alice.make_call(BOB, account=account) as call:
                    await call.answered()
                    assert call.local_uri == (account or "sip:phone@10.0.0.1")
            assert (await alice.options(BOB, account=SALES)).status_code == 200
            with pytest.raises(ConfigurationError, match=r"account: .*nobody"):
                alice.start_call(BOB, account="sip:nobody@example.com")
        await sim.settle()
        nursery.cancel_scope.cancel()
    assert alice.trace is not None
    asked = [parse_message(entry.data) for entry in alice.trace if entry.data[:8] == b"OPTIONS "]
    assert [str(message.from_.uri) for message in asked if isinstance(message, Request)] == [SALES]
    sent = invites(alice)
    assert [str(invite.from_.uri) for invite in sent] == [HOME, SALES, "sip:phone@10.0.0.1"]
    assert [invite.from_.display_name for invite in sent] == ["", "Sales", ""]
    users = [str(invite.contacts[0].uri).partition("@")[0] for invite in sent]
    assert users == ["sip:alice", "sip:sales", "sip:phone"]
    sim.assert_quiet()


async def test_calls_take_the_service_route_of_the_own_address(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-2, CLI-8 (RFC 3608): while registered; before and afterwards the proxy of the configuration."""
    wire = sim.wire()
    route = "<sip:10.0.0.2;lr>"
    server = registrar(wire.environment(SERVER), options={"bind_host": SERVER}, service_route=(route,))
    environment = wire.environment("10.0.0.1")
    alice = open_coordinator(HOME, environment=environment, bind_host="10.0.0.1")
    async with wire, server, sim.phone(wire, "bob", "10.0.0.2") as bob, alice:
        async with trio.open_nursery() as nursery:
            await nursery.start(bob.serve, answer)
            async with alice.registered():
                async with alice.make_call("sip:bob@example.com") as call:
                    await call.answered()
            await trio.sleep(1)
            async with alice.make_call(BOB) as call:
                await call.answered()
            await sim.settle()
            nursery.cancel_scope.cancel()
        assert alice.leftovers() == []
    assert [invite.routes for invite in invites(alice)] == [[route], []]
    sim.assert_quiet()


async def test_first_account_is_meant_where_the_phone_has_no_address_of_its_own(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-8: and its proxy is used before it is registered."""
    wire = sim.wire()
    account = Account(SALES, outbound_proxy="sip:10.0.0.2")
    environment = wire.environment("10.0.0.1")
    alice = open_coordinator(environment=environment, bind_host="10.0.0.1", accounts=(account,))
    async with wire, sim.phone(wire, "bob", "10.0.0.2") as bob, alice, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call("sip:bob@example.com") as call:
            await call.answered()
        nursery.cancel_scope.cancel()
    (invite,) = invites(alice)
    assert str(invite.from_.uri) == SALES
    assert invite.routes == ["<sip:10.0.0.2;lr>"]


async def test_phone_without_any_address_cannot_register(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-8, ERR-1: one line that names the field."""
    wire = sim.wire()
    async with (
        wire,
        open_coordinator(environment=wire.environment("10.0.0.1"), bind_host="10.0.0.1") as phone,
    ):
        with pytest.raises(ConfigurationError, match="uri: "):
            phone.register()


def test_accounts_and_who_may_call_are_read_from_a_file(tmp_path: Path) -> None:
    """CLI-8, COO-7: each account is a table; a mistake names the file and the field."""
    file = tmp_path / "phone.toml"
    file.write_text(
        "[[accounts]]\n"
        'uri = "sip:sales@example.com"\npassword = "hush"\n'
        'edges = ["sip:e1.example.com", "sip:e2.example.com"]\n'
        '[[accounts]]\nuri = "sip:alice@example.com"\nexpires = 60\n'
        '[inbound]\nrealm = "example.com"\nusers = [["alice", "secret"]]\ntrusted_hosts = ["192.0.2.1"]\n'
    )
    config = CoordinatorConfig.from_toml(file)
    first, second = config.accounts
    assert (first.uri, first.edges) == (
        "sip:sales@example.com",
        ("sip:e1.example.com", "sip:e2.example.com"),
    )
    assert (second.uri, second.expires) == ("sip:alice@example.com", 60)
    assert config.inbound == InboundConfig(
        realm="example.com", users={"alice": "secret"}, trusted_hosts=("192.0.2.1",)
    )
    file.write_text('[[accounts]]\nuri = "sip:alice@example.com"\nexpires = 0\n')
    with pytest.raises(ConfigurationError, match=r"phone\.toml: accounts\[0\]\.expires: "):
        CoordinatorConfig.from_toml(file)
