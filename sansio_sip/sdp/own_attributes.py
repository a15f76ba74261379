"""Attribute lines that an application adds to a stream of ours (SDP-8)."""

from __future__ import annotations

import re

from .direction import Direction
from .model import Attributes

__all__ = ["check_attributes"]

_NAME = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]++")
_UNSAFE = re.compile("[\r\n\0\ud800-\udc7f\udd00-\udfff]")
# What the negotiation writes itself would contradict a second line.
_OWN = frozenset({"rtpmap", "fmtp", "ptime", "rtcp-mux", "rtcp", "crypto"})
_OURS = _OWN | frozenset([direction.value for direction in Direction])


def check_attributes(attributes: Attributes) -> None:
    """Refuse attribute lines that cannot stand in a description or that the negotiation writes.

    Raises:
        ValueError: One of them; the message names it.
    """
    for name, value in attributes:
        if _NAME.fullmatch(name) is None or name in _OURS:
            raise ValueError(f"attributes: {name[:40]!r} is no attribute that can be added")
        if value is not None and _UNSAFE.search(value) is not None:
            raise ValueError(f"attributes: {name} holds CR, LF, NUL or what cannot be encoded")
