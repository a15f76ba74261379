"""The pages about the registrar and presence show what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

import trio_runtime
from tests.runtime.watcher import watching_phone
from trio_runtime import Account, AutoAnswerHandler, MemoryStore, RegistrationRejected, SessionCoordinator
from trio_runtime.events import types as facts
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("registrar", "presence")}
SERVER = "10.0.0.9"
PASSWORDS = {"alice": "wonderland", "bob": "builder"}


def program(page: str) -> dict[str, Any]:
    """Run the example of a page; its database is one in memory here."""
    found = re.search(rf"<!-- example: {page} -->\n```python\n(.*?)```", PAGES[page], re.DOTALL)
    assert found is not None
    text = found[1].replace('"sqlite:registrations.db"', "STORE")
    names: dict[str, Any] = {"STORE": MemoryStore()}
    exec(compile(text, f"docs/{page}.md", "exec"), names)
    return names


def phone(sim: Simulation, wire: Wire, user: str, host: str, **options: Any) -> SessionCoordinator:
    account = Account(f"sip:{user}@example.com", password=PASSWORDS[user], outbound_proxy=f"sip:{SERVER}")
    return sim.phone(wire, user, host, accounts=(account,), **options)


async def test_registrar_of_the_page_takes_phones_and_connects_them(
    sim: Simulation, autojump_clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """PRJ-1, SRV-4, SRV-5: the program of the page; an old firmware is refused."""
    names, wire = program("registrar"), sim.wire()
    server = sim.phone(wire, "pbx", SERVER, registrar=names["REGISTRAR"], handler=names["HANDLER"])
    alice = phone(sim, wire, "alice", "10.0.0.1")
    bob = phone(sim, wire, "bob", "10.0.0.2", handler=AutoAnswerHandler())
    old = phone(sim, wire, "alice", "10.0.0.3", user_agent="OldPhone/1")
    async with wire, server, alice, bob, old, trio.open_nursery() as nursery:
        nursery.start_soon(names["watch"], server)
        await trio.testing.wait_all_tasks_blocked()
        async with bob.registered("sip:bob@example.com"):
            async with alice.make_call("sip:bob@example.com", account="sip:alice@example.com") as call:
                await call.answered()
            with pytest.raises(RegistrationRejected, match="403 Update your phone"):
                async with old.registered("sip:alice@example.com"):
                    pytest.fail("not reached")
        nursery.cancel_scope.cancel()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sip:bob@example.com sip:bob@10.0.0.2:5060 udp:10.0.0.2:5060"
    assert lines[1] == "sip:bob@10.0.0.2:5060 1.0 False"


async def test_presence_of_the_page_is_seen_by_watchers(sim: Simulation, autojump_clock: Clock) -> None:
    """PRJ-1, SRV-6: the program of the page; mailboxes are private there."""
    names, wire = program("presence"), sim.wire()
    server = sim.phone(wire, "pbx", SERVER, registrar=names["REGISTRAR"], presence=names["PRESENCE"])
    alice = watching_phone(
        wire.environment("10.0.0.1"),
        "alice",
        "10.0.0.1",
        domain="example.com",
        proxy=SERVER,
        password="wonderland",
    )
    async with wire, server, alice as watcher:
        watched, box = watcher.subscribe("bob"), watcher.subscribe("bob", "message-summary")
        await trio.sleep(1)
        names["lunch"](server)
        await trio.sleep(6)
        assert watcher.seen(watched) == ["offline", "away"]
        assert watcher.refused(box) == 403
        assert names["back"](server).status.value == "offline"


@pytest.mark.parametrize("page", PAGES)
def test_every_name_on_the_pages_exists(page: str) -> None:
    """PRJ-1."""
    names = set(re.findall(r"`([A-Z][a-z]\w+)[`(]", PAGES[page]))
    assert names <= {*trio_runtime.__all__, *facts.__all__, "None"}


def test_every_status_stands_on_the_page() -> None:
    """PRJ-1, SRV-6."""
    stated = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGES["presence"], re.MULTILINE))
    assert stated == {status.name for status in trio_runtime.PresenceStatus}
