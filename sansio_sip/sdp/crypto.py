"""The ``a=crypto`` attribute: keys for SRTP in a description (RFC 4568 §9)."""

from __future__ import annotations

import re

import attrs

from .crypto_key import CryptoKey, parse_inline
from .crypto_suite import CRYPTO_SUITES
from .errors import SdpError
from .model import MediaDescription

__all__ = ["CryptoAttribute", "crypto_of", "parse_crypto"]

_TAG = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_SUITE = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
_LEAST_WINDOW = 64
_KDR = re.compile(r"KDR=([1-9]|1[0-9]|2[0-4])", re.ASCII)
_WSH = re.compile(r"WSH=([1-9][0-9]{1,8})", re.ASCII)
_FLAGS = frozenset({"UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP"})
_ORDERS = frozenset({"FEC_ORDER=FEC_SRTP", "FEC_ORDER=SRTP_FEC"})
# FEC_SRTP is the default, and means nothing where there is no error correction.
_HARMLESS = ("-", "WSH=", "FEC_ORDER=FEC_SRTP")
_OPTIONAL = re.compile(r"-[!-,.-~][!-~]*+")
_MAX_TAG = 999_999_999
# A peer that offers more than this does not want a call.
_MAX_KEYS = 16
_MAX_ATTRIBUTES = 32


def _bad(message: str, section: str, position: int | None = None) -> SdpError:
    return SdpError(f"a=crypto: {message}", rule=f"RFC 4568 §{section}", position=position)


@attrs.frozen
class CryptoAttribute:
    """One offered or accepted way to protect a stream.

    Attributes:
        tag: Number that the answer picks it by.
        suite: Name of the crypto suite.
        keys: Master keys of the side that writes the line, one as a rule.
        params: Session parameters as written, such as ``WSH=128``.
    """

    tag: int
    suite: str
    keys: tuple[CryptoKey, ...]
    params: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        try:
            _check(self.tag, self.suite, self.keys, self.params)
        except SdpError as error:
            raise ValueError(str(error)) from error

    @property
    def kdr(self) -> int:
        """Key derivation rate as a power of two; 0 when keys are derived once."""
        return next((int(match[1]) for text in self.params if (match := _KDR.fullmatch(text))), 0)

    @property
    def window_size(self) -> int | None:
        """Size of the replay window that the writer advises, or None."""
        return next((int(match[1]) for text in self.params if (match := _WSH.fullmatch(text))), None)

    @property
    def weakened(self) -> bool:
        """Whether something shall go without encryption or authentication."""
        return not _FLAGS.isdisjoint(self.params)

    @property
    def acceptable(self) -> bool:
        """Whether we may agree to it: a suite of ours, one key, and no parameter that changes SRTP.

        A key derivation rate, error correction and unprotected packets are declined (§7.1.2 lets policy
        prohibit any); a window size is advice, and what begins with a dash may be ignored (§6.3.7).
        """
        suite = CRYPTO_SUITES.get(self.suite)
        harmless = all(text.startswith(_HARMLESS) for text in self.params)
        return suite is not None and suite.usable and len(self.keys) == 1 and harmless

    @property
    def value(self) -> str:
        """What stands behind ``a=crypto:``; it holds the keys, so it is not what ``str`` gives."""
        return " ".join((str(self.tag), self.suite, ";".join(map(str, self.keys)), *self.params))


def parse_crypto(value: str) -> CryptoAttribute:
    """Read what stands behind ``a=crypto:``.

    Raises:
        SdpError: It breaks a rule, which makes this one line invalid (§6.1); the position is that of the
            part of the line.
    """
    parts = value.split()
    if len(parts) < 3:
        raise _bad("not a tag, a suite and keys", "9.1", 0)
    tag, suite, inline, *params = parts
    if _TAG.fullmatch(tag) is None:
        raise _bad(f"tag {tag[:20]!r}", "4.1", 0)
    texts = inline.split(";")
    try:
        if len(texts) > _MAX_KEYS:
            raise _bad(f"more than {_MAX_KEYS} keys", "6.1")
        keys = tuple([parse_inline(text) for text in texts])
    except SdpError as error:
        error.position = value.index(inline)
        raise
    _check(int(tag), suite, keys, tuple(params))
    return CryptoAttribute(int(tag), suite, keys, tuple(params))


def _check(tag: int, suite: str, keys: tuple[CryptoKey, ...], params: tuple[str, ...]) -> None:
    if not 0 <= tag <= _MAX_TAG:
        raise _bad(f"tag {tag}", "4.1")
    if _SUITE.fullmatch(suite) is None:
        raise _bad(f"suite {suite[:40]!r}", "9.1")
    known = CRYPTO_SUITES.get(suite)
    if known is not None and any(len(key.octets) != known.material_length for key in keys):
        raise _bad(f"key and salt of {suite} are not {known.material_length} octets", "6.2")
    identified = {key.mki_length for key in keys}
    if len(identified) != 1 or (len(keys) > 1 and 0 in identified):
        raise _bad("no key, or several without identifiers of one length", "6.1")
    for text in params:
        _check_param(text)


def _check_param(text: str) -> None:
    window = _WSH.fullmatch(text)
    if window is not None:
        good = int(window[1]) >= _LEAST_WINDOW
    else:
        # What is unknown may be ignored behind a dash only (§6.3.7); keys for error correction, of which
        # there is none here, make the line invalid too (§6.3.5).
        good = text in _FLAGS or text in _ORDERS or _KDR.fullmatch(text) is not None
        good = good or _OPTIONAL.fullmatch(text) is not None
    if not good:
        raise _bad(f"session parameter {text.partition('=')[0][:40]!r}", "6.3")


def crypto_of(media: MediaDescription) -> tuple[CryptoAttribute, ...]:
    """Return the valid ``a=crypto`` lines of a stream in order; an invalid one counts as absent (§6.1).

    A tag that stands twice makes the later line invalid (§4.1).
    """
    found: dict[int, CryptoAttribute] = {}
    values = [value for name, value in media.attributes if name == "crypto" and value]
    for value in values[:_MAX_ATTRIBUTES]:
        try:
            line = parse_crypto(value)
        except SdpError:
            continue
        found.setdefault(line.tag, line)
    return tuple(found.values())
