"""The options of ``simulate``, and the swarm that they describe.

The simulated network is loaded only when it is wanted: the other verbs begin a tenth of a second earlier.
"""

from __future__ import annotations

import math
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from trio_runtime.base.errors import ConfigurationError

if TYPE_CHECKING:
    from argparse import _ArgumentGroup as Group
    from collections.abc import Callable

    from trio_runtime.testing import BurstLoss, Latency
    from trio_runtime.testing.swarm import SwarmConfig

__all__ = ["add_simulate", "swarm_config"]

_NOT_OURS = frozenset({"verb", "json", "given"})
_NATS = ("full-cone", "address-restricted", "port-restricted", "symmetric")


def add_simulate(parser: ArgumentParser) -> None:
    """Add the options of the verb; what is not given is left to `SwarmConfig`."""
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    group = parser.add_argument_group("calls")
    _add(group, "--calls", "N", int, "calls in all (default 1000)")
    _add(group, "--hosts", "N", int, "phones, each on a host of its own (default 50)")
    _add(group, "--seed", "N", int, "all chance follows from it (default 0)")
    _add(group, "--rate", "R", float, "calls a second (default 20)")
    _add(group, "--hold", "S", float, "mean seconds of an answered call (default 20)")
    _add(
        group, "--session-interval", "S", int, "seconds in which both sides show that they live (default 90)"
    )
    _add(group, "--changes", "P", float, "share of calls in which both sides hold and resume (default 0)")
    group.add_argument("--transport", choices=("udp", "tcp"), default=SUPPRESS, help="for SIP (default udp)")
    group.add_argument(
        "--media", action="store_true", default=SUPPRESS, help="let audio flow, which is much work"
    )
    group = parser.add_argument_group("the network")
    shapes = "seconds: 0.05, 0.01-0.06, normal:MEAN,DEVIATION, lognormal:MEDIAN,SPREAD (default 0.01-0.06)"
    _add(group, "--latency", "S", _latency, shapes)
    _add(group, "--loss", "P", float, "share of datagrams that is lost, from 0 to 1 (default 0)")
    _add(group, "--bursts", "P:N", _bursts, "share that is lost in bursts of N on average, such as 0.02:5")
    _add(group, "--duplicate", "P", float, "share that comes twice (default 0)")
    _add(group, "--reorder", "P", float, "share that is overtaken (default 0)")
    _add(group, "--bandwidth", "B", float, "bits a second between two hosts (default: no limit)")
    kinds = f"every second host stands behind a NAT: {', '.join(_NATS)}"
    group.add_argument("--nat", metavar="KIND", choices=_NATS, default=SUPPRESS, help=kinds)
    _add(group, "--deaths", "N", int, "how often a host dies without a goodbye (default 0)")
    _add(group, "--partitions", "N", int, "how often the hosts fall into two parts (default 0)")


def _add(group: Group, name: str, metavar: str, kind: Callable[[str], object], text: str) -> None:
    group.add_argument(name, metavar=metavar, type=kind, default=SUPPRESS, help=text)


def swarm_config(options: Namespace) -> SwarmConfig:
    """Return the swarm that options describe.

    Raises:
        ConfigurationError: A value cannot be used.
    """
    from trio_runtime.testing.swarm import SwarmConfig

    return SwarmConfig(**{name: value for name, value in vars(options).items() if name not in _NOT_OURS})


def _latency(text: str) -> Latency:
    from trio_runtime.testing import LogNormalLatency, NormalLatency
    from trio_runtime.testing.latency import as_latency

    shape, _, rest = text.rpartition(":")
    try:
        match shape:
            case "":
                numbers = _numbers(text, "-")
                return as_latency(numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1]))
            case "normal":
                mean, deviation = _numbers(rest, ",")
                return NormalLatency(mean, deviation)
            case "lognormal":
                median, spread = _numbers(rest, ",")
                return LogNormalLatency(median, spread)
    except ConfigurationError as error:
        raise ArgumentTypeError(str(error)) from None
    except ValueError:
        pass
    raise ArgumentTypeError(
        f"{text!r} is none of S, LEAST-GREATEST, normal:MEAN,DEVIATION, lognormal:MEDIAN,SPREAD"
    )


def _bursts(text: str) -> BurstLoss:
    from trio_runtime.testing import bursts_of

    try:
        loss, length = _numbers(text, ":")
        return bursts_of(loss, length)
    except ConfigurationError as error:
        raise ArgumentTypeError(str(error)) from None
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not of the form P:N, such as 0.02:5") from None


def _numbers(text: str, separator: str) -> list[float]:
    numbers = [float(part) for part in text.split(separator)]
    if not all(map(math.isfinite, numbers)) or len(numbers) > 2:
        raise ValueError(text)
    return numbers
