"""``--route PREFIX=TARGET``: where calls go by the beginning of what was dialled."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

from sansio_sip.message import Uri, parse_uri
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.serving_options import add_counts, add_drain, add_duration, add_metrics

__all__ = ["add_routes", "read_route", "targets_for", "user_of"]

Routes = list[tuple[str, list[str]]]


def add_routes(parser: ArgumentParser, *, required: bool = True) -> None:
    """Add the routes of a server."""
    parser.add_argument(
        "--route",
        metavar="PREFIX=TARGET",
        dest="routes",
        action="append",
        type=read_route,
        default=[],
        required=required,
        help="where users that begin with PREFIX go; the longest one counts, an empty one is for all others. "
        "TARGET is a URI, without a user the called one's: sip:192.0.2.7. Several between commas ring at "
        "once; the same PREFIX again is tried next",
    )
    add_counts(parser)
    add_duration(parser)
    add_drain(parser, "take nothing new, and let what there is end by itself for S seconds")
    add_metrics(parser)
    parser.add_argument("--quiet", action="store_true", help="no line for each event, for load")


def read_route(text: str) -> tuple[str, list[str]]:
    """Read ``PREFIX=TARGET`` or ``PREFIX=TARGET,TARGET``."""
    prefix, equals, targets = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r} is not of the form PREFIX=TARGET")
    return prefix, [values.sip_uri(target) for target in targets.split(",")]


def targets_for(routes: Routes, user: str) -> list[list[str]]:
    """Return the groups of targets for a called user, none where no route fits.

    Args:
        routes: What the command line says.
        user: The user part of the called URI.
    """
    longest = max([prefix for prefix, _ in routes if user.startswith(prefix)], key=len, default=None)
    return [[_filled(uri, user) for uri in targets] for prefix, targets in routes if prefix == longest]


def user_of(called: str) -> str:
    """Return the user part of a URI, empty where it has none."""
    uri = parse_uri(called)
    return (uri.user or "") if isinstance(uri, Uri) else ""


def _filled(target: str, user: str) -> str:
    uri = parse_uri(target)
    if not isinstance(uri, Uri) or uri.user or not user:
        return target
    scheme, _, rest = target.partition(":")
    return f"{scheme}:{user}@{rest}"
