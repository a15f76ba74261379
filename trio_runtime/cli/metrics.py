"""The metrics of a server, where Prometheus comes for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.cli.printing.output import Output, Record
from trio_runtime.observe.metrics_server import MetricsServer

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.observe.metrics import Metrics

__all__ = ["serve_metrics", "serve_text"]


async def serve_metrics(
    metrics: Metrics | None, address: Address | None, output: Output, nursery: trio.Nursery
) -> None:
    """Start to answer scrapes, and say where; without metrics nothing is done.

    Args:
        metrics: What is counted.
        address: Where to listen.
        output: Where to say so.
        nursery: Runs the listener.

    Raises:
        NetworkError: The address cannot be listened on.
    """
    if metrics is None or address is None:
        await trio.lowlevel.checkpoint()
        return
    await serve_text(metrics.render, address, output, nursery)


async def serve_text(
    render: Callable[[], str], address: Address | None, output: Output, nursery: trio.Nursery
) -> None:
    """Do as `serve_metrics` with what makes the text of a scrape; without an address nothing."""
    if address is None:
        await trio.lowlevel.checkpoint()
        return
    host, port = await nursery.start(MetricsServer(render).serve, *address)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    output.write(Record("metrics", f"metrics http://{place}/metrics", {"address": place}))
