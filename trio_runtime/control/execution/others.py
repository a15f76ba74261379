"""What the commands beside calls do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import attrs

from trio_runtime.control.commands import others
from trio_runtime.control.commands.replies import (
    Done,
    Reply,
    ResponseReply,
    StatisticsReply,
    SubscribedReply,
)
from trio_runtime.control.errors import CommandError
from trio_runtime.control.events import EVENTS
from trio_runtime.control.messages import plain_numbers
from trio_runtime.control.pushing.event_log import Filter

if TYPE_CHECKING:
    from trio_runtime.control.desk import Client, Desk
    from trio_runtime.session import SipResponse

__all__ = ["OTHER_WORK"]


async def _subscribe(_: Desk, client: Client, command: others.Subscribe) -> Reply:
    for place, name in enumerate(command.events or ()):
        if name not in EVENTS:
            field = f"events[{place}]"
            raise CommandError("invalid", f"{field}: there is no event {name[:64]!r}", field=field)
    names = None if command.events is None else frozenset(command.events)
    calls = None if command.calls is None else frozenset(command.calls)
    client.outbox.subscribe(Filter(names, calls))
    return SubscribedReply(tuple(EVENTS) if command.events is None else command.events)


async def _unsubscribe(_: Desk, client: Client, __: others.Unsubscribe) -> Reply:
    client.outbox.unsubscribe()
    return Done()


async def _send_message(desk: Desk, _: Client, command: others.SendMessage) -> Reply:
    return _response(
        await desk.phone.send_message(
            command.uri,
            command.text,
            content_type=command.content_type,
            headers=tuple(command.headers.items()),
            account=command.account,
        )
    )


async def _options(desk: Desk, _: Client, command: others.SendOptions) -> Reply:
    return _response(await desk.phone.options(command.uri, account=command.account))


def _response(response: SipResponse) -> ResponseReply:
    text = response.body.decode("utf-8", "replace")
    return ResponseReply(response.status_code, response.reason, dict(response.headers), text)


async def _statistics(desk: Desk, _: Client, __: others.GetStatistics) -> Reply:
    statistics = desk.phone.statistics()
    whole = cast("dict[str, object]", plain_numbers(statistics))
    del whole["sessions"]
    return StatisticsReply(attrs.asdict(statistics.sessions), desk.counts(), whole)


OTHER_WORK: dict[type[object], Callable[[Desk, Client, Any], Awaitable[Reply]]] = {
    others.Subscribe: _subscribe,
    others.Unsubscribe: _unsubscribe,
    others.SendMessage: _send_message,
    others.SendOptions: _options,
    others.GetStatistics: _statistics,
}
"""By command."""
