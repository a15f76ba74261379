"""The system's libopus through ctypes: the functions that telephony needs, and no more."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable

from trio_runtime.media.codecs.missing import LibraryMissingError

__all__ = ["LIBRARY_NAMES", "LibOpus", "load_libopus"]

LIBRARY_NAMES = ("libopus.so.0", "libopus.0.dylib", "opus.dll", "libopus-0.dll")
"""What it is called on Linux, macOS and Windows; asking the system's tools for it first would cost more."""

_CREATED = ctypes.POINTER(ctypes.c_int)


class LibOpus:
    """A loaded libopus with its functions declared.

    Attributes:
        version: What it calls itself, such as `libopus 1.3.1`.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        """Declare the functions.

        Raises:
            LibraryMissingError: It is another library: a function is not there.
        """
        pointer, integer, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_int32
        try:
            self.version = _function(library, "opus_get_version_string", ctypes.c_char_p)().decode()
            self.encoder_create = _function(
                library, "opus_encoder_create", pointer, size, integer, integer, _CREATED
            )
            self.encoder_destroy = _function(library, "opus_encoder_destroy", None, pointer)
            self.encode = _function(
                library, "opus_encode", size, pointer, pointer, integer, ctypes.c_char_p, size
            )
            # It takes any number of arguments: those that are not declared must be passed as ctypes values.
            self.encoder_ctl = _function(library, "opus_encoder_ctl", integer, pointer, integer)
            self.decoder_create = _function(library, "opus_decoder_create", pointer, size, integer, _CREATED)
            self.decoder_destroy = _function(library, "opus_decoder_destroy", None, pointer)
            self.decode = _function(
                library, "opus_decode", integer, pointer, ctypes.c_char_p, size, pointer, integer, integer
            )
            self._strerror = _function(library, "opus_strerror", ctypes.c_char_p, integer)
        except AttributeError as error:
            raise LibraryMissingError(f"libopus lacks a function: {error}") from error

    def error(self, code: int) -> str:
        """Say what a negative result means."""
        return str(self._strerror(code).decode())


def _function(
    library: ctypes.CDLL, name: str, result: object, *arguments: object
) -> ctypes._NamedFuncPointer:
    function = library[name]
    function.restype = result  # type: ignore[assignment]
    function.argtypes = arguments  # type: ignore[assignment]
    return function


def load_libopus(
    load: Callable[[str], ctypes.CDLL] = ctypes.CDLL,
    find: Callable[[str], str | None] = ctypes.util.find_library,
) -> LibOpus:
    """Find and load libopus.

    Args:
        load: Opens a library by name.
        find: Asks the system for the name of a library.

    Raises:
        LibraryMissingError: There is none that can be used.
    """
    for name in LIBRARY_NAMES:
        try:
            return LibOpus(load(name))
        except OSError:
            continue
    found = find("opus")
    if found is None:
        raise LibraryMissingError("the library libopus was not found")
    try:
        return LibOpus(load(found))
    except OSError as error:
        raise LibraryMissingError(f"the library libopus cannot be loaded: {error}") from error
