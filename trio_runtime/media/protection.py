"""How the keys that signalling agrees on become the SRTP of a stream; plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.srtp import CipherBackend, MasterKey, SrtpConfig
from sansio_sip.sdp import CryptoAttribute, CryptoKey, SrtpKeys, SrtpPolicy, make_crypto
from trio_runtime.base.errors import ConfigurationError, UnsupportedError
from trio_runtime.media.srtp_backend import open_srtp_backend

if TYPE_CHECKING:
    from trio_runtime.base.media_config import MediaConfig

__all__ = ["IN_THE_CLEAR", "Contexts", "StreamKeys", "ciphers_for", "own_keys"]


@attrs.frozen
class Contexts:
    """What the two directions of a stream are secured with.

    Attributes:
        send: Our direction, None in the clear.
        receive: The peer's direction, None in the clear.
    """

    send: SrtpConfig | None = None
    receive: SrtpConfig | None = None


IN_THE_CLEAR = Contexts()


def ciphers_for(config: MediaConfig) -> CipherBackend | None:
    """Return the ciphers that SRTP needs, None where it is off.

    Raises:
        ConfigurationError: SRTP is on and its library is not installed; the text says how to install it.
    """
    if SrtpPolicy(config.srtp) is SrtpPolicy.OFF:
        return None
    try:
        return open_srtp_backend()
    except UnsupportedError as error:
        # Without them an "optional" would be a silent "off".
        raise ConfigurationError(str(error), field="srtp") from error


def own_keys(config: MediaConfig, random_bytes: Callable[[int], bytes]) -> tuple[CryptoAttribute, ...]:
    """Draw the keys of one stream, one for each suite that we take; none where SRTP is off."""
    if SrtpPolicy(config.srtp) is SrtpPolicy.OFF:
        return ()
    return make_crypto(random_bytes, config.srtp_suites)


class StreamKeys:
    """The keys of one stream: they live as long as its port, so that no hold and no re-INVITE changes ours.

    Attributes:
        own: Our side, to be offered; empty where SRTP is off.
    """

    def __init__(
        self,
        ciphers: CipherBackend | None,
        own: tuple[CryptoAttribute, ...] = (),
        *,
        on_change: Callable[[Contexts], None] | None = None,
    ) -> None:
        """Begin before anything is agreed on.

        Args:
            ciphers: Gives the ciphers; None where SRTP is off.
            own: Our keys, as `own_keys` draws them.
            on_change: Told what protects the stream whenever that was agreed on.
        """
        self.own = own
        self._on_change = on_change
        self._ciphers = ciphers
        self._last = self._now = IN_THE_CLEAR

    @property
    def suite(self) -> str | None:
        """Name of the crypto suite that was agreed on last, None in the clear."""
        return None if self._now.send is None else self._now.send.suite

    def contexts(self, agreed: SrtpKeys | None) -> Contexts:
        """Return what protects the stream under these keys; `keep` it once the stream has taken it.

        A direction whose key is the one that it had last goes on with its roll-over counter; another key
        begins a new context (RFC 4568 §7.1.4).

        Raises:
            LocalProtocolError: Keys were agreed on where SRTP is off, or they cannot be used.
        """
        if agreed is None:
            return IN_THE_CLEAR
        if self._ciphers is None:
            raise LocalProtocolError("srtp: keys were agreed on, but SRTP is off")
        last = self._last
        return Contexts(
            _context(agreed.suite, agreed.send, self._ciphers, last.send),
            _context(agreed.suite, agreed.receive, self._ciphers, last.receive),
        )

    def keep(self, contexts: Contexts) -> None:
        """Take note of what the stream is protected with from now on."""
        self._now = contexts
        if self._on_change is not None:
            self._on_change(contexts)
        if contexts.send is not None:
            self._last = contexts


def _context(suite: str, key: CryptoKey, ciphers: CipherBackend, last: SrtpConfig | None) -> SrtpConfig:
    mki = b"" if key.mki is None else key.mki.to_bytes(key.mki_length, "big")
    master = MasterKey(key.octets, key.lifetime, mki)
    generation = 0
    if last is not None:
        # The key alone decides: under the same key a counter that begins anew would repeat its key stream.
        generation = last.generation + (last.keys[0].key_salt != master.key_salt)
    return SrtpConfig(suite=suite, keys=(master,), backend=ciphers, generation=generation)
