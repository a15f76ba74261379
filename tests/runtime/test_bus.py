from __future__ import annotations

import logging

import attrs
import pytest
import trio
import trio.testing

from trio_runtime.base import LimitExceededError
from trio_runtime.events import EventBus, StreamStatistics


async def test_every_subscriber_gets_every_event_in_order() -> None:
    """EVT-1, EVT-3."""
    bus: EventBus[int] = EventBus()
    with bus.subscribe() as first, bus.subscribe() as second:
        for number in range(3):
            bus.publish(number)
        bus.close()
        assert [event async for event in first] == [event async for event in second] == [0, 1, 2]


async def test_filter_chooses_the_events() -> None:
    """EVT-1."""
    bus: EventBus[int] = EventBus()
    with bus.subscribe(lambda number: number % 2 == 0) as even:
        for number in range(5):
            bus.publish(number)
        bus.close()
        assert [event async for event in even] == [0, 2, 4]


async def test_slow_reader_loses_the_oldest_and_the_loss_is_counted() -> None:
    """EVT-1."""
    bus: EventBus[int] = EventBus()
    stream = bus.subscribe(max_events=2)
    for number in range(5):
        bus.publish(number)
    assert (stream.receive_nowait(), stream.receive_nowait()) == (3, 4)
    with pytest.raises(trio.WouldBlock):
        stream.receive_nowait()
    assert stream.statistics() == StreamStatistics(delivered=2, dropped=3, waiting=0, max_events=2)
    assert (bus.statistics().published, bus.statistics().dropped) == (5, 3)


async def test_waiting_reader_is_woken_by_an_event_and_by_the_end() -> None:
    """EVT-3."""
    bus: EventBus[str] = EventBus()
    seen: list[str] = []

    async def read() -> None:
        async for event in bus.subscribe():
            seen.append(event)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        bus.publish("a")
        await trio.testing.wait_all_tasks_blocked()
        assert seen == ["a"]
        bus.publish("b")
        bus.close()
    assert seen == ["a", "b"]


async def test_cancelled_reader_loses_no_event() -> None:
    """EVT-3."""
    bus: EventBus[int] = EventBus()
    stream = bus.subscribe()
    bus.publish(1)
    with trio.CancelScope() as scope:
        scope.cancel()
        await anext(stream)
    assert stream.receive_nowait() == 1


async def test_two_readers_share_one_stream() -> None:
    """EVT-3."""
    bus: EventBus[int] = EventBus()
    stream = bus.subscribe()
    seen: list[int] = []

    async def read() -> None:
        async for event in stream:
            seen.append(event)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        bus.publish(1)
        bus.publish(2)
        await trio.testing.wait_all_tasks_blocked()
        bus.close()
    assert sorted(seen) == [1, 2]


async def test_closed_stream_forgets_what_waits_and_leaves_the_bus() -> None:
    """EVT-1."""
    bus: EventBus[int] = EventBus()
    with bus.subscribe() as stream:
        bus.publish(1)
    assert bus.statistics().subscribers == 0
    bus.publish(2)
    assert [event async for event in stream] == []
    with pytest.raises(trio.EndOfChannel):
        stream.receive_nowait()


async def test_a_filter_that_raises_does_not_reach_the_publisher(caplog: pytest.LogCaptureFixture) -> None:
    """EVT-1."""
    bus: EventBus[int] = EventBus()
    broken = bus.subscribe(lambda number: 1 // number > 0)
    sound = bus.subscribe()
    with caplog.at_level(logging.ERROR, logger="trio_runtime"):
        bus.publish(0)
    assert sound.receive_nowait() == 0
    with pytest.raises(trio.WouldBlock):
        broken.receive_nowait()
    assert bus.statistics().filter_errors == 1
    assert "filter of an event subscription" in caplog.text


async def test_subscribers_are_limited() -> None:
    """EVT-1."""
    bus: EventBus[int] = EventBus(max_subscribers=1)
    with bus.subscribe(), pytest.raises(LimitExceededError, match="1 subscribers"):
        bus.subscribe()
    bus.subscribe().close()


async def test_reading_is_always_a_checkpoint() -> None:
    """EVT-3."""
    bus: EventBus[int] = EventBus()
    stream = bus.subscribe()
    bus.publish(1)
    with trio.testing.assert_checkpoints():
        assert await anext(stream) == 1


@attrs.frozen
class Fact:
    """An event about something."""

    about: str
    number: int


@attrs.frozen
class Lost:
    """What stands in a stream for what is missing."""

    count: int


def bus_with_subjects() -> EventBus[Fact | Lost]:
    return EventBus(subject_of=lambda event: getattr(event, "about", None), lost=Lost)


async def test_loss_is_told_where_it_happened_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """EVT-1: a reader that does not keep up knows what it has missed."""
    bus = bus_with_subjects()
    stream = bus.subscribe(max_events=2)
    with caplog.at_level(logging.WARNING, "trio_runtime"):
        for number in range(5):
            bus.publish(Fact("a", number))
    assert caplog.text.count("does not keep up") == 1
    bus.close()
    assert [event async for event in stream] == [Lost(3), Fact("a", 3), Fact("a", 4)]
    assert (bus.statistics().lags, bus.statistics().dropped) == (1, 3)


async def test_newest_events_can_be_the_lost_ones() -> None:
    """EVT-1: for who wants the beginning; the gap is told where it is."""
    bus = bus_with_subjects()
    stream = bus.subscribe(max_events=2, overflow="newest")
    for number in range(4):
        bus.publish(Fact("a", number))
    assert stream.receive_nowait() == Fact("a", 0)
    bus.publish(Fact("a", 4))
    bus.close()
    assert [event async for event in stream] == [Fact("a", 1), Lost(2), Fact("a", 4)]


async def test_newest_events_are_lost_in_silence_where_nobody_can_tell() -> None:
    """EVT-1."""
    bus: EventBus[int] = EventBus()
    stream = bus.subscribe(max_events=1, overflow="newest")
    for number in range(3):
        bus.publish(number)
    assert stream.receive_nowait() == 0
    bus.publish(3)
    assert stream.receive_nowait() == 3
    assert bus.statistics().lags == 1


async def test_subscription_can_end_instead_of_losing_anything() -> None:
    """EVT-1: for who must not miss an event and not know it."""
    bus = bus_with_subjects()
    stream = bus.subscribe(max_events=2, overflow="end")
    for number in range(4):
        bus.publish(Fact("a", number))
    assert bus.statistics().subscribers == 0
    seen: list[Fact | Lost] = []
    with pytest.raises(LimitExceededError, match="2 events waited"):
        async for event in stream:
            seen.append(event)
    assert seen == [Fact("a", 0), Fact("a", 1)]


async def test_subscription_to_a_subject_gets_its_events_only_and_ends_with_it() -> None:
    """EVT-1: filter by session, without a cost for the others."""
    bus = bus_with_subjects()
    one, other, everything = bus.subscribe(about="a"), bus.subscribe(about="b"), bus.subscribe()
    bus.publish(Fact("a", 1))
    bus.publish(Fact("b", 2))
    bus.publish(Lost(0))
    bus.end_subject("a")
    bus.end_subject("nothing")
    assert [event async for event in one] == [Fact("a", 1)]
    other.close()
    other.close()
    bus.publish(Fact("b", 3))
    bus.close()
    assert [event async for event in everything] == [Fact("a", 1), Fact("b", 2), Lost(0), Fact("b", 3)]
    assert bus.statistics().ended_by_subject == 1
