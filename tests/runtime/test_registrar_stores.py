"""One contract for all stores of a registrar, and what each is beyond it."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio

from sansio_sip.machine import Endpoint
from sansio_sip.register import Binding
from tests.interop.process import HOST, free_ports
from tests.runtime.redis_server import LIBRARY_LEAVES_STREAMS, redis_server
from trio_runtime import (
    Account,
    MemoryStore,
    RedisStore,
    RegistrarConfig,
    RegistrarStore,
    RegistrationRejected,
    SessionCoordinator,
    SqliteStore,
    StoreFailedError,
    open_client,
    open_registrar,
)
from trio_runtime.registrar.records import at_wall_time, from_wall_time, read_record, write_record

pytestmark = LIBRARY_LEAVES_STREAMS

Peer = Callable[[str], str]
ALICE, BOB = "sip:alice@example.com", "sip:b\udcffb@example.com"  # an octet that is no text


def binding(contact: str = "sip:alice@192.0.2.1", **how: Any) -> Binding:
    values: dict[str, Any] = {
        "contact": contact,
        "params": (("+sip.instance", '"<urn:uuid:1>"'), ("methods", None)),
        "q": 0.5,
        "expires_at": time.time() + 1_000,
        "updated_at": 1_700_000_000.25,
        "call_id": "c\u00e9",
        "cseq": 2**31,
        "path": ("<sip:edge.example.com;lr>",),
        "source": Endpoint("UDP", "192.0.2.1", 5060, "udp1"),
        "outbound": True,
        "by_source": True,
        "instance": "urn:uuid:1",
        "reg_id": 3,
        "user_agent": 'Phone/1 "x"',
    }
    return Binding(**{**values, **how})


ONE, TWO = binding(), binding("sip:alice@192.0.2.2", q=1.0, reg_id=None)


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def make(
    request: pytest.FixtureRequest, tmp_path: Path, peer: Peer
) -> AsyncIterator[Callable[[], RegistrarStore]]:
    """What makes the store anew, as a process that is started again does."""
    if request.param == "memory":
        kept = MemoryStore()
        yield lambda: kept
    elif request.param == "sqlite":
        yield lambda: SqliteStore(tmp_path / "bindings.db")
    else:
        async with redis_server(peer("redis-server"), tmp_path) as server:
            yield lambda: RedisStore(server.url)


async def test_what_was_saved_is_loaded_by_the_next_one(make: Callable[[], RegistrarStore]) -> None:
    """SRV-5: octet for octet, of each address all or nothing, and of several stores one after the other."""
    with trio.fail_after(30):
        async with make().opened() as session:
            assert await session.load() == {}
            await session.save([(ALICE, (ONE, TWO)), (BOB, (ONE,))])
            assert await session.load() == {ALICE: (ONE, TWO), BOB: (ONE,)}
        async with make().opened() as session:
            assert await session.load() == {ALICE: (ONE, TWO), BOB: (ONE,)}
            await session.save([(ALICE, (TWO,))])
            await session.save([(BOB, ()), ("sip:never@there", ())])
        async with make().opened() as session:
            assert await session.load() == {ALICE: (TWO,)}


async def test_later_writes_win_in_their_order(make: Callable[[], RegistrarStore]) -> None:
    """SRV-5: also of one address in one transaction; many at once are one transaction."""
    with trio.fail_after(30):
        async with make().opened() as session:
            for cseq in range(20):
                await session.save([(ALICE, (attrs.evolve(ONE, cseq=cseq),))])
            assert (await session.load())[ALICE][0].cseq == 19
            await session.save([(ALICE, (ONE,)), (ALICE, (TWO,))])
            await session.save([(f"sip:u{number}@example.com", (ONE,)) for number in range(1_200)])
            found = await session.load()
            assert found[ALICE] == (TWO,)
            assert len(found) == 1_201


async def test_cancelled_write_leaves_the_store_usable(make: Callable[[], RegistrarStore]) -> None:
    """SRV-5: it was done, or it was not."""
    with trio.fail_after(30):
        async with make().opened() as session:
            await session.save([(ALICE, (ONE,))])
            with trio.CancelScope() as scope:
                scope.cancel()
                await session.save([(ALICE, (TWO,))])
        async with make().opened() as session:
            assert (await session.load())[ALICE] in ((ONE,), (TWO,))
            await session.save([(ALICE, (TWO,))])
            assert (await session.load())[ALICE] == (TWO,)


def test_times_are_wall_time_in_the_store() -> None:
    """SRV-5, architecture 6.2: monotonic time means nothing to the next process."""
    live = (binding(expires_at=100.0, updated_at=40.0),)
    stored = at_wall_time(live, 1_700_000_000.0)
    assert (stored[0].expires_at, stored[0].updated_at) == (1_700_000_100.0, 1_700_000_040.0)
    assert from_wall_time(stored, 1_700_000_000.0) == live


def test_connection_is_not_stored() -> None:
    """SRV-5: it ends with the process; the name of a socket for datagrams is part of the configuration."""
    by_tcp = binding(source=Endpoint("TCP", "192.0.2.1", 41_000, 17))
    (read,) = read_record(write_record((by_tcp,)))
    assert read.source == Endpoint("TCP", "192.0.2.1", 41_000, None)
    assert read_record(write_record((ONE,))) == (ONE,)
    assert write_record((ONE,)).isascii()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 1}', '{"version": 2, "bindings": []}', '{"version": 1, "bindings": [{}]}'],
)
def test_damaged_record_is_an_error(text: str) -> None:
    """ERR-1."""
    with pytest.raises(ValueError):  # noqa: PT011 - json's own is one
        read_record(text)


def test_fields_of_a_later_version_are_left_out() -> None:
    """SRV-5: what a newer program has added does no harm to an older one."""
    text = write_record((ONE,)).replace('"q": 0.5', '"q": 0.5, "colour": "blue"')
    assert read_record(text) == (ONE,)


# SQLite


async def test_file_is_a_database_with_a_log_ahead(tmp_path: Path) -> None:
    """SRV-5: WAL, a version, and one damaged row costs one address."""
    path = tmp_path / "bindings.db"
    async with SqliteStore(path).opened() as session:
        await session.save([(ALICE, (ONE,)), (BOB, (TWO,))])
        with sqlite3.connect(path) as other:
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert other.execute("PRAGMA user_version").fetchone() == (1,)
            other.execute("UPDATE bindings SET record = '{' WHERE aor = ?", (ALICE.encode(),))
        other.close()
        assert await session.load() == {BOB: (TWO,)}


@pytest.mark.parametrize("what", ["folder", "garbage", "later version"])
async def test_file_that_cannot_be_used_is_one_error(tmp_path: Path, what: str) -> None:
    """ERR-1, SRV-5."""
    path = tmp_path / "bindings.db"
    if what == "folder":
        path = tmp_path / "no" / "bindings.db"
    elif what == "garbage":
        path.write_bytes(b"no database" * 100)
    else:
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA user_version=9")
        other.close()
    with pytest.raises(StoreFailedError, match=r"bindings\.db"):
        async with SqliteStore(path).opened():
            pytest.fail("not reached")


async def test_locked_or_broken_file_fails_and_changes_nothing(tmp_path: Path) -> None:
    """ERR-1, SRV-5: the transaction is taken back whole."""
    path = tmp_path / "bindings.db"
    async with SqliteStore(path).opened() as session:
        await session.save([(ALICE, (ONE,))])
        with sqlite3.connect(path) as other:
            other.execute("CREATE TRIGGER no BEFORE INSERT ON bindings BEGIN SELECT RAISE(FAIL, 'disk'); END")
        other.close()
        with pytest.raises(StoreFailedError, match="disk"):
            await session.save([(ALICE, ()), (BOB, (TWO,))])
        assert await session.load() == {ALICE: (ONE,)}


# Redis


async def test_redis_forgets_by_itself_and_its_death_is_one_error(tmp_path: Path, peer: Peer) -> None:
    """ERR-1, SRV-5: a key goes when the last binding has ended; a server that is away is told."""
    with trio.fail_after(60):
        async with redis_server(peer("redis-server"), tmp_path) as server:
            store = RedisStore(server.url, prefix="x:")
            async with store.opened() as session:
                soon = binding(expires_at=time.time() + 0.5)
                await session.save([(ALICE, (soon,)), (BOB, (ONE,))])
                while ALICE in await session.load():  # noqa: ASYNC110 - another program
                    await trio.sleep(0.05)
                assert list(await session.load()) == [BOB]
                async with RedisStore(server.url).opened() as other:
                    assert await other.load() == {}
        with pytest.raises(StoreFailedError, match="Redis cannot be"):
            async with store.opened():
                pytest.fail("not reached")
        assert "redis://" not in repr(store)


async def test_registrar_lives_through_the_death_of_its_store(
    tmp_path: Path, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-5, ERR-1: no 200 while Redis is away; when it is back, so are the bindings of before."""
    path, sip = peer("redis-server"), free_ports()

    def phone(user: str) -> SessionCoordinator:
        account = Account(f"sip:{user}@pbx.test", outbound_proxy=f"sip:{HOST}:{sip}", retry_base=0.3)
        return open_client(bind_host=HOST, accounts=(account,), no_media=True)

    async def is_registered(user: str, patience: float) -> bool:
        async with phone(user) as one:
            registration = one.register()
            with trio.move_on_after(patience), contextlib.suppress(RegistrationRejected):
                await registration.registered()
            return registration.expires > 0

    with trio.fail_after(60):
        async with redis_server(path, tmp_path) as first:
            config = RegistrarConfig(domains=("pbx.test",), anonymous=True, store=first.url)
            registrar = open_registrar(config, bind_host=HOST, sip_port=sip)
            async with registrar, phone("alice") as alice, alice.registered():
                first.process.kill()
                await first.process.wait()
                assert not await is_registered("bob", 1.5)
                assert registrar.locate("sip:bob@pbx.test") == []
                assert len(registrar.locate("sip:alice@pbx.test")) == 1
                async with redis_server(path, tmp_path, first.port) as second:
                    assert await is_registered("bob", 20)
                    statistics = registrar.statistics().registrar
                    assert statistics is not None
                    assert statistics.store is not None
                    assert statistics.store.failures >= 1
                    async with RedisStore(second.url).opened() as session:
                        assert "sip:alice@pbx.test" in await session.load()
    assert "the store of the registrar failed" in caplog.text
    gc.collect()


async def test_connection_that_breaks_is_one_error(tmp_path: Path, peer: Peer) -> None:
    """ERR-1, SRV-5."""
    with trio.fail_after(60):
        async with redis_server(peer("redis-server"), tmp_path) as server:
            with pytest.raises(StoreFailedError):
                async with RedisStore(server.url).opened() as session:
                    server.process.kill()
                    await server.process.wait()
                    await session.save([(ALICE, (ONE,))])
