"""Request-Disposition: how a caller wants servers to treat its request (RFC 3841 §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import split_list
from ._reading import fault

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["RequestDisposition"]

_RULE = "RFC 3841 §10"
_DIRECTIVES: dict[str, tuple[str, bool]] = {
    "proxy": ("proxy", True), "redirect": ("proxy", False), "cancel": ("cancel", True),
    "no-cancel": ("cancel", False), "fork": ("fork", True), "no-fork": ("fork", False),
    "recurse": ("recurse", True), "no-recurse": ("recurse", False), "parallel": ("parallel", True),
    "sequential": ("parallel", False), "queue": ("queue", True), "no-queue": ("queue", False),
}  # fmt: skip


@attrs.frozen
class RequestDisposition:
    """Wishes of the caller; None where nothing was said.

    Attributes:
        proxy: Whether to forward the request, or else to redirect it.
        cancel: Whether a proxy cancels its other branches after a 2xx.
        fork: Whether more than one contact may be tried.
        recurse: Whether a proxy tries the contacts of a 3xx itself.
        parallel: Whether contacts are tried at once, or else one after the other.
        queue: Whether to wait when the callee is busy.
    """

    proxy: bool | None = None
    cancel: bool | None = None
    fork: bool | None = None
    recurse: bool | None = None
    parallel: bool | None = None
    queue: bool | None = None

    @classmethod
    def parse(cls, text: str) -> RequestDisposition:
        """Read a list of directives.

        Raises:
            ParseError: One is not known, or two of a kind stand there (§9.1).
        """
        found: dict[str, bool] = {}
        for word in split_list(text, "request-disposition"):
            kind = _DIRECTIVES.get(word.lower())
            if kind is None or kind[0] in found:
                raise fault(f"directive {word[:20]!r}", "request-disposition", _RULE)
            found[kind[0]] = kind[1]
        return cls(**found)

    @classmethod
    def of(cls, message: Message) -> RequestDisposition:
        """Return the wishes in a message.

        Raises:
            ParseError: They cannot be read.
        """
        return cls.parse(",".join(message.get_all("request-disposition")))

    def __str__(self) -> str:
        return ", ".join(
            [word for word, (kind, meaning) in _DIRECTIVES.items() if getattr(self, kind) is meaning]
        )
