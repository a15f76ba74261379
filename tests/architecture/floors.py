"""The floors of each package from the ground up: an import runs down a floor or stays in its folder.

A name is a folder or a file directly inside the package; `codec.tables` is one file of a folder that stands
lower than the rest of it. Names on one floor do not import each other.
"""

from __future__ import annotations

FLOORS: dict[str, list[list[str]]] = {
    "sansio_sip": [
        ["errors", "limits", "ids"],
        ["machine"],
        ["message", "sdp"],
        ["headers"],
        ["table"],
        ["framing", "transaction", "dialog", "auth", "resolve"],
        ["outbound", "admission"],
        ["register", "subscribe"],
        ["proxy", "pager", "info"],
        ["invite"],
        ["agent"],
    ],
    "sansio_rtp": [
        ["errors", "ids", "machine"],
        ["packet", "quality", "codec.tables"],
        ["rtcp"],
        ["srtp", "dtmf", "jitter", "codec"],
        ["audio"],
        ["ice", "dtls", "session"],
        ["plane"],
        ["relay"],
    ],
    "trio_runtime": [
        ["base"],
        ["events"],
        ["observe"],
        ["transport", "media"],
        ["dialog"],
        ["session"],
        ["bridge", "registrar", "presence", "handlers"],
        ["queue", "proxy"],
        ["coordinator"],
        ["control"],
        ["b2bua"],
        ["api"],
        ["testing"],
        ["cli"],
        ["__main__"],
    ],
}

MAX_LINES = 200

# All that a pure package may import besides itself: nothing here reads a clock, a file, a socket or chance.
# fmt: off
PURE_STDLIB = frozenset((
    "__future__", "abc", "array", "base64", "binascii", "bisect", "cmath", "collections",
    "collections.abc", "contextlib", "copy", "dataclasses", "enum", "fractions", "functools",
    "hashlib", "heapq", "hmac", "ipaddress", "itertools", "json", "math", "numbers", "operator",
    "re", "string", "struct", "types", "typing", "unicodedata", "urllib.parse", "xml.parsers", "zlib",
))
# fmt: on
PURE_LIBRARIES = {
    "sansio_sip": frozenset({"attrs"}),
    "sansio_rtp": frozenset({"attrs", "numpy"}),
}
FORBIDDEN_CALLS = frozenset({"open", "print", "input", "eval", "exec", "__import__", "breakpoint"})

# What orchestrates talks to the managers and never past them.
ORCHESTRATION = ("coordinator", "session", "bridge", "queue")
BELOW_THE_MANAGERS = (
    "sansio_sip.transaction",
    "sansio_sip.framing",
    "sansio_rtp.packet",
    "sansio_rtp.rtcp",
    "sansio_rtp.srtp",
    "sansio_rtp.codec",
    "trio_runtime.transport",
)
