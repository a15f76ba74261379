"""Messages by recipient: the first of each is on its way, the others wait for its answer (RFC 3428 §8)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs

from ..auth import ChallengeAnswerer
from ..errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..auth import Credentials
    from ..ids import Ids
    from ..message import Request
    from ..outbound import Outbound
    from ..subscribe import RequestOwner, UsageRequest

__all__ = ["Letter", "Letters", "check_size", "letter_owner"]

_VIA_ROOM = 120  # octets of the Via that is added when the transport is known


def check_size(request: Request, max_size: int) -> None:
    """Make sure that a MESSAGE is not too long.

    Raises:
        LocalProtocolError: It is.
    """
    size = len(request.to_bytes()) + _VIA_ROOM
    if size > max_size:
        raise LocalProtocolError(f"a MESSAGE of {size} octets, {max_size} are allowed")


def letter_owner(pager: RequestOwner, credentials: tuple[Credentials, ...] | None, ids: Ids) -> RequestOwner:
    """Return who owns a message: the pager, or what stands for it with the credentials of its sender."""
    return pager if credentials is None else _Envelope(pager, ChallengeAnswerer(credentials, ids))


class _Envelope:
    __slots__ = ("_pager", "challenges", "outbound")

    def __init__(self, pager: RequestOwner, challenges: ChallengeAnswerer) -> None:
        self._pager = pager
        self.challenges = challenges
        self.outbound: Outbound = pager.outbound

    def transaction_opened(self) -> None:
        self._pager.transaction_opened()

    def transaction_ended(self) -> None:
        self._pager.transaction_ended()


@attrs.frozen(eq=False)
class Letter:
    """One message.

    Attributes:
        number: Its number in events.
        request: The MESSAGE with its second tries.
    """

    number: int
    request: UsageRequest

    @property
    def recipient(self) -> str:
        """The Request-URI."""
        return self.request.request.uri


class Letters:
    """The queue of each recipient."""

    __slots__ = ("_queues", "waiting")

    def __init__(self) -> None:
        self._queues: dict[str, deque[Letter]] = {}
        self.waiting = 0

    def __contains__(self, recipient: str) -> bool:
        return recipient in self._queues

    def add(self, letter: Letter) -> bool:
        """Append a message; return whether it is the first of its recipient and can go."""
        queue = self._queues.setdefault(letter.recipient, deque())
        queue.append(letter)
        self.waiting += len(queue) > 1
        return len(queue) == 1

    def answered(self, recipient: str) -> tuple[Letter, Letter | None]:
        """Remove the message that has its answer; return it and the next one, which can go now."""
        queue = self._queues[recipient]
        done = queue.popleft()
        if not queue:
            del self._queues[recipient]
            return done, None
        self.waiting -= 1
        return done, queue[0]

    def drop_waiting(self) -> Iterator[Letter]:
        """Remove the messages that are not on their way, in order."""
        for queue in self._queues.values():
            first = queue.popleft()
            self.waiting -= len(queue)
            yield from queue
            queue.clear()
            queue.append(first)
