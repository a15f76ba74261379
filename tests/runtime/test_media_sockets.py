from __future__ import annotations

import select
from collections.abc import Iterator

import pytest

from trio_runtime.media.sockets import KernelMediaIO

with_epoll = pytest.mark.skipif(not hasattr(select, "epoll"), reason="this system has no epoll")


@pytest.fixture(params=[pytest.param(True, marks=with_epoll, id="epoll"), pytest.param(False, id="portable")])
def media(request: pytest.FixtureRequest) -> Iterator[KernelMediaIO]:
    media_io = KernelMediaIO(use_epoll=request.param)
    yield media_io
    media_io.close()


def test_only_readable_sockets_are_returned(media: KernelMediaIO) -> None:
    """COO-13."""
    assert media.poll() == []
    a, b, c = (media.open("127.0.0.1", 0) for _ in range(3))
    assert media.poll() == []
    assert a.send(b"rtp", b.local_address)
    assert media.poll() == [b]
    buffer = bytearray(2_048)
    assert b.receive_into(buffer) == (3, a.local_address)
    assert buffer[:3] == b"rtp"
    assert b.receive_into(buffer) is None
    assert media.poll() == []
    assert a.send(b"1", c.local_address)
    assert a.send(b"2", b.local_address)
    assert set(media.poll()) == {b, c}


def test_a_closed_socket_is_forgotten_and_its_port_free(media: KernelMediaIO) -> None:
    """COO-13."""
    a = media.open("127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        media.open(*a.local_address)
    a.close()
    a.close()
    b = media.open(*a.local_address)
    assert a.receive_into(bytearray(10)) is None
    assert not a.send(b"x", b.local_address)
    assert media.poll() == []


def test_more_ready_sockets_than_one_answer_of_the_kernel_holds(media: KernelMediaIO) -> None:
    """COO-13."""
    sender = media.open("127.0.0.1", 0)
    sockets = [media.open("127.0.0.1", 0) for _ in range(100)]
    for sock in sockets:
        sender.send(b"x", sock.local_address)
    assert set(media.poll()) == set(sockets)


@pytest.mark.parametrize("destination", [("127.0.0.1", 70_000), ("::1", 9), ("a\0b", 9)])
def test_an_impossible_destination_is_a_dropped_packet(
    media: KernelMediaIO, destination: tuple[str, int]
) -> None:
    """COO-13."""
    assert not media.open("127.0.0.1", 0).send(b"x", destination)


def test_repr_shows_the_address(media: KernelMediaIO) -> None:
    """COO-13."""
    a = media.open("127.0.0.1", 0)
    assert repr(a) == f"<media UDP 127.0.0.1:{a.local_address[1]}>"
