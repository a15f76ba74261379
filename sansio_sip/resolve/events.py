"""What a resolver tells and asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from .records import RecordType
    from .target import Target

__all__ = ["DnsQuestion", "ResolverEvent", "TargetsFound", "TargetsNotFound"]


@attrs.frozen
class DnsQuestion:
    """The DNS is to be asked; answer with `Resolver.receive_answer` or `Resolver.question_failed`.

    Attributes:
        question: Number of the question.
        record_type: Type of the records.
        name: Domain name, without the last dot.
    """

    question: int
    record_type: RecordType
    name: str


@attrs.frozen
class TargetsFound:
    """A lookup is done.

    Attributes:
        query: Number of the lookup.
        targets: In the order in which to try them; at least one.
    """

    query: int
    targets: tuple[Target, ...]


@attrs.frozen
class TargetsNotFound:
    """A lookup is done without any target.

    Attributes:
        query: Number of the lookup.
        cause: Why.
    """

    query: int
    cause: str


ResolverEvent = DnsQuestion | TargetsFound | TargetsNotFound
