"""Which codecs this machine has: looks for the libraries once, and only when somebody wants them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import ModuleType

from sansio_rtp.codec import (
    BUILT_IN,
    NO_G722,
    NO_OPUS,
    CodecDescription,
    CodecRegistry,
    Missing,
    OpusBackend,
    complete_registry,
    g722_codec,
    opus_codec,
)
from sansio_rtp.errors import LocalProtocolError
from trio_runtime.media.codecs.g722_package import PackagedG722
from trio_runtime.media.codecs.libopus import LibOpus, load_libopus
from trio_runtime.media.codecs.missing import LibraryMissingError
from trio_runtime.media.codecs.opus_ctypes import CtypesOpus
from trio_runtime.media.codecs.opus_pyav import PyAvOpus

__all__ = ["codecs_for", "find_codecs"]

ImportModule = Callable[[str], ModuleType]


def find_codecs(
    import_module: ImportModule = importlib.import_module, load_opus: Callable[[], LibOpus] = load_libopus
) -> CodecRegistry:
    """Look for the libraries and return all formats, those that cannot be had with the reason.

    Args:
        import_module: Imports a package by name.
        load_opus: Finds and loads libopus.
    """
    return complete_registry(g722=_find_g722(import_module), opus=_find_opus(import_module, load_opus))


@lru_cache(maxsize=1)
def _of_this_machine() -> CodecRegistry:
    return find_codecs()


def codecs_for(names: Iterable[str]) -> CodecRegistry:
    """Return formats that hold the named codecs, as far as they exist and can be had.

    Looking for libraries takes time, so it is not done for G.711 and L16.
    """
    try:
        built_in = all(BUILT_IN.get(name).missing is None for name in names)
    except LocalProtocolError:
        built_in = True  # a name that nobody knows: libraries will not help
    return BUILT_IN if built_in else _of_this_machine()


def _find_g722(import_module: ImportModule) -> CodecDescription:
    try:
        return g722_codec(PackagedG722(import_module("G722")))
    except (ImportError, LibraryMissingError) as error:
        return g722_codec(None, _because(NO_G722, error))


def _find_opus(import_module: ImportModule, load_opus: Callable[[], LibOpus]) -> CodecDescription:
    reasons: list[str] = []
    makers: tuple[Callable[[], OpusBackend], ...] = (
        lambda: CtypesOpus(load_opus()),
        lambda: PyAvOpus(import_module("av")),
    )
    for make in makers:
        try:
            return opus_codec(make())
        except (ImportError, LibraryMissingError) as error:
            reasons.append(str(error))
    return opus_codec(None, Missing("; ".join(reasons), NO_OPUS.install))


def _because(missing: Missing, error: Exception) -> Missing:
    """Keep the usual words where a package is just not there, and say what is wrong with one that is."""
    return missing if isinstance(error, ModuleNotFoundError) else Missing(str(error), missing.install)
