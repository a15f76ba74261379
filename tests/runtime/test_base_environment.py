from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest
import trio

from trio_runtime.api.environment import kernel_environment
from trio_runtime.base import RandomBytes


def test_random_octets_are_given_out_once_and_in_the_asked_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1."""
    blocks = iter([b"abcdefgh", b"ijklmnop"])
    monkeypatch.setattr("secrets.token_bytes", lambda count: next(blocks))
    draw = RandomBytes(block_size=8)
    assert [draw(3), draw(3), draw(3), draw(5)] == [b"abc", b"def", b"ijk", b"lmnop"]


def test_a_draw_larger_than_a_block_comes_straight_from_the_system() -> None:
    """SEC-1."""
    assert len(RandomBytes(block_size=8)(100)) == 100


def test_a_forked_child_does_not_repeat_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-1."""
    blocks = iter([b"abcdefgh", b"ijklmnop"])
    monkeypatch.setattr("secrets.token_bytes", lambda count: next(blocks))
    draw = RandomBytes(block_size=8)
    assert draw(2) == b"ab"
    own = os.getpid()
    monkeypatch.setattr("os.getpid", lambda: own + 1)
    assert draw(2) == b"ij"


async def test_kernel_environment_knows_the_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIM-1."""
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    before = trio.current_time()
    environment = kernel_environment()
    try:
        assert 0 <= (time.time() - environment.epoch) - before < 60
        assert len(environment.random_bytes(16)) == 16
        media = environment.network.open_media()
        assert media.receive([]) == []
        media.close()
    finally:
        environment.close()


def test_environment_has_one_source_of_randomness() -> None:
    """SEC-1."""
    draw: Callable[[int], bytes] = RandomBytes()
    assert draw(16) != draw(16)
