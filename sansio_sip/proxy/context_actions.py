"""What a response context does with responses: collects, forwards, chooses (RFC 3261 §16.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..machine import Transmit
from ..message import Response, build_response
from ..table import TableMachine
from ..transaction.keys import reply_endpoint
from .best_response import aggregate_challenges, choose_best
from .events import FinalResponseSent, RequestExpired
from .states import ContextInput, ContextState
from .targets import Reply, TargetSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..machine import Endpoint
    from ..message import Message, Request
    from ..transaction import TransactionKey
    from .branch import Branch
    from .shared import Shared
    from .targets import Target

__all__ = ["ContextActions"]


class ContextActions(TableMachine[ContextState, ContextInput]):
    """What the rows of `ResponseContext` are made of.

    Args:
        number: Its number in events.
        key: The server transaction.
        request: The request as it was received.
        source: Where it came from.
        shared: What the parts of the proxy share.
        forget: Called with the number when all transactions are gone.
    """

    # fmt: off
    __slots__ = ("_branches", "_forget", "_group", "_responses", "_shared", "_tag", "_targets", "key",
                 "number", "received", "source")
    # fmt: on

    def __init__(
        self,
        number: int,
        key: TransactionKey,
        request: Request,
        source: Endpoint,
        shared: Shared,
        forget: Callable[[int], object],
    ) -> None:
        super().__init__(ContextState.ROUTING, shared.now)
        self.number = number
        self.key = key
        self.received = request
        self.source = source
        self._shared = shared
        self._forget = forget
        shared.contexts += 1
        self._branches: list[Branch] = []
        self._targets = TargetSet(shared.config.max_targets)
        self._group: list[Target] = []  # of one preference, not yet begun
        self._responses: list[Response] = []
        self._tag = ""

    @property
    def is_invite(self) -> bool:
        """Whether the request is an INVITE."""
        return self.received.method == "INVITE"

    @property
    def local_tag(self) -> str:
        """The To tag of all that the proxy itself answers to the request (§8.2.6.2)."""
        self._tag = self._tag or self._shared.ids.tag()
        return self._tag

    def _local(self, reply: Reply) -> Response:
        return build_response(
            self.received, reply.status_code, reply.reason, to_tag=self.local_tag, extra=reply.headers
        )

    def _collect_local(self, reply: Reply) -> None:
        """Count an answer of our own like one that came."""
        kind = reply.status_code // 100
        inputs = {2: ContextInput.SUCCESS, 6: ContextInput.GLOBAL_FAILURE}
        self._fire(inputs.get(kind, ContextInput.FAILURE), self._local(reply))

    # Actions

    def _collect(self, message: Message | None) -> None:
        if isinstance(message, Response):
            self._responses.append(message)

    def _note_cancelled(self, _message: Message | None) -> None:
        self._responses.append(self._local(Reply(487)))

    def _stop(self, _message: Message | None) -> None:
        """Begin nothing more and cancel what is pending (§16.7 item 10)."""
        self._targets.clear()
        self._group.clear()
        for branch in self._branches:
            branch.cancel(self._shared.now)
            self._shared.schedule.update(branch)

    def _leave(self, _message: Message | None) -> None:
        self._shared.contexts -= 1
        self._forget(self.number)

    def _forward(self, message: Message | None) -> None:
        if isinstance(message, Response) and (self.is_invite or message.status_code >= 200):
            self._send(message)  # no 1xx but 100 may answer another request than INVITE (RFC 4320 §4.1)

    def _forward_again(self, message: Message | None) -> None:
        if isinstance(message, Response) and self.is_invite:
            self._send(message)  # of other requests one final response is all (§16.7 item 5)

    def _send_best(self, _message: Message | None) -> None:
        best = choose_best(self._responses, invite=self.is_invite)
        if best is None and not self.is_invite:
            # Too late for any answer: a 408 would come after the client's own timeout (RFC 4320 §4.2).
            self._shared.outbound.layer.terminate(self.key, self._shared.now)
            self._shared.finished(self.number)
            self._shared.out.events.append(RequestExpired(self.number))
            return
        if best is None:
            best = self._local(Reply(408))
        elif best.status_code == 503:
            best = self._local(Reply(500))  # only one way is closed, not this proxy (§16.7 item 6)
        self._send(aggregate_challenges(best, self._responses))

    def _send(self, response: Response) -> None:
        shared = self._shared
        try:
            shared.outbound.layer.respond(self.key, response, shared.now)
        except LocalProtocolError:
            # The server transaction of an answered INVITE goes 64·T1 after the first 2xx, and a 2xx of
            # another branch may come later: it is sent without one (§16.7 item 9).
            endpoint = reply_endpoint(self.received, self.source)
            shared.outbound.layer.out.transmits.append(Transmit(response.to_bytes(), endpoint))
        if response.status_code >= 200:
            self._responses.clear()
            shared.finished(self.number)
            shared.out.events.append(FinalResponseSent(self.number, response.status_code))
