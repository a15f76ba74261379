"""Which formats there are, by the names of settings and by what a session description says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import LocalProtocolError
from .builtin import COMPANIONS, VOICE
from .description import CodecDescription, FormatKind
from .g722 import g722_codec
from .opus import opus_codec


class CodecRegistry:
    """Formats by name; frozen.

    A name is the encoding name, with clock rate and channels where it needs them: `PCMU`, `L16/16000`,
    `opus/48000/2`. Case does not matter (RFC 4855 §3). Of several that a short name fits the first counts.
    """

    def __init__(self, formats: Iterable[CodecDescription]) -> None:
        """Take formats in order of preference.

        Raises:
            LocalProtocolError: Two have the same label.
        """
        self._formats = tuple(formats)
        self._by_name: dict[str, CodecDescription] = {}
        self._by_encoding: dict[tuple[str, int, int], CodecDescription] = {}
        labels = [item.label.lower() for item in self._formats]
        if len(set(labels)) != len(labels):
            raise LocalProtocolError(f"two formats have the same label: {', '.join(labels)}")
        for item in self._formats:
            name, clock_rate, channels = item.encoding
            self._by_encoding.setdefault(item.encoding, item)
            for spelling in (f"{name}/{clock_rate}/{channels}", f"{name}/{clock_rate}", name):
                self._by_name.setdefault(spelling, item)
        self._by_name |= {item.label.lower(): item for item in self._formats}
        self._static = {item.payload_type: item for item in self._formats if item.payload_type is not None}

    def __iter__(self) -> Iterator[CodecDescription]:
        """Iterate over all formats, available or not, in order of preference."""
        return iter(self._formats)

    @property
    def voices(self) -> tuple[CodecDescription, ...]:
        """The codecs that can be had, in order of preference."""
        return tuple(item for item in self._formats if item.kind is FormatKind.VOICE and item.missing is None)

    def get(self, name: str) -> CodecDescription:
        """Return the codec with this name, available or not.

        Raises:
            LocalProtocolError: There is no such codec; the text lists those that exist.
        """
        found = self._by_name.get(name.lower())
        if found is None or found.kind is not FormatKind.VOICE:
            known = ", ".join(item.label for item in self._formats if item.kind is FormatKind.VOICE)
            raise LocalProtocolError(f"unknown codec {name!r}; known are {known}")
        return found

    def find(self, name: str, clock_rate: int, channels: int = 1) -> CodecDescription | None:
        """Return the format that an `rtpmap` names, available or not, or None."""
        return self._by_encoding.get((name.lower(), clock_rate, channels))

    def static(self, payload_type: int) -> CodecDescription | None:
        """Return the format of a static payload type (RFC 3551 §6), or None where there is none."""
        return self._static.get(payload_type)


def complete_registry(*, g722: CodecDescription, opus: CodecDescription) -> CodecRegistry:
    """Return all formats, the two that need a library as `g722_codec` and `opus_codec` describe them."""
    return CodecRegistry((opus, g722, *VOICE, *COMPANIONS))


BUILT_IN = complete_registry(g722=g722_codec(None), opus=opus_codec(None))
"""All formats without any library: G.711 and L16 can be had, G.722 and Opus say why not."""
