"""Content-Type values (RFC 3261 §20.15, RFC 2045 §5.1)."""

from __future__ import annotations

import functools

import attrs

from ..errors import ParseError
from .names import is_token
from .params import Params, find_param, format_params, parse_params

__all__ = ["MediaType"]


@attrs.frozen
class MediaType:
    """A media type.

    Attributes:
        type: Main type in lower case, such as ``multipart``.
        subtype: Subtype in lower case, such as ``mixed``.
        params: Parameters in order.
    """

    type: str
    subtype: str
    params: Params = ()

    @classmethod
    @functools.lru_cache(maxsize=256)
    def parse(cls, text: str) -> MediaType:
        """Read a value.

        Raises:
            ParseError: It is not two tokens with a slash between, or a parameter cannot be read.
        """
        essence, _, params = text.partition(";")
        main, slash, sub = essence.partition("/")
        main, sub = main.strip(" \t").lower(), sub.strip(" \t").lower()
        if not slash or not is_token(main) or not is_token(sub):
            raise ParseError(
                f"{essence[:40]!r} is no media type",
                error_class="header-syntax",
                rule="RFC 3261 §25.1 media-type",
                header="content-type",
            )
        return cls(main, sub, parse_params(params, "content-type"))

    @property
    def essence(self) -> str:
        """Type and subtype without parameters."""
        return f"{self.type}/{self.subtype}"

    def param(self, name: str) -> str | None:
        """Give a parameter by its lower-case name, without quotes; ``None`` when absent."""
        return find_param(self.params, name)

    def __str__(self) -> str:
        return self.essence + format_params(self.params)
