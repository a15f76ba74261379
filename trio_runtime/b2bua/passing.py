"""Two calls on their way to each other whose descriptions pass from one to the other as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.bridge import Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trio_runtime.session import Call, IncomingCall

__all__ = ["PassedPair", "pair_of"]


class PassedPair(Pair):
    """A pair without media of ours; see `Pair`.

    Args:
        call: The call that came in, one with ``passes``.
        leg: The one that was made for it.
        answer_headers: Gives the header fields for the answer to the caller.
    """

    def __init__(
        self, call: IncomingCall, leg: Call, *, answer_headers: Callable[[Call], Iterable[tuple[str, str]]]
    ) -> None:
        super().__init__(call, leg, keep=True)
        self._call = call
        self._leg = leg
        self._fields = answer_headers

    def _pass_progress(self, status_code: int) -> None:
        if status_code > 100 and self._call.undecided:
            self._call.pass_progress(self._leg, status_code)

    def _pass_early_media(self) -> None:
        """Do nothing: it came with the progress."""

    def _pass_answer(self) -> None:
        if self._call.undecided:
            self._call.accept_as(self._leg, headers=self._fields(self._leg))
        self._answered = True

    def _connect(self) -> None:
        """Do nothing: what they hear of each other does not come by here."""


def pair_of(
    call: IncomingCall, leg: Call, answer_headers: Callable[[Call], Iterable[tuple[str, str]]]
) -> Pair:
    """Return a call and one that was made for it as a pair, with media of ours or without."""
    if leg.passes:
        return PassedPair(call, leg, answer_headers=answer_headers)
    return Pair(call, leg, keep=True, answer_headers=answer_headers)
