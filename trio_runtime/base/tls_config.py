"""Certificates and trust, read and checked when the configuration is made."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import choice, flag, optional, secret, text

__all__ = ["TlsConfig"]

_MODES = {"off": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


def _certificates(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    rows = value if isinstance(value, tuple) else (None,)
    for row in rows:
        if not isinstance(row, tuple) or len(row) != 3 or not all(isinstance(text, str) for text in row):
            raise ConfigurationError(
                f"must be triples of domain, certificate file and key file, not {value!r}",
                field=attribute.name,
            )


@attrs.frozen(kw_only=True)
class TlsConfig:
    """How we prove who we are over TLS, and whom we believe.

    The files are read when this is made, so a missing or damaged one is told at once.

    Attributes:
        certificate: PEM file with our certificate and those between it and the authority; a listener for TLS
            needs one, and a client that is asked for one shows it.
        key: PEM file with its private key; ``None`` looks for it in ``certificate``.
        key_password: Password of the key; never shown.
        more_certificates: Further certificates as (domain, certificate file, key file): a client that asks
            for the domain (SNI) gets that one.
        authorities: PEM file or folder with the certificates of the authorities that we believe; ``None``
            takes those of the system.
        verify: Whether the certificate of a server has to be valid and to name the domain of the URI (RFC
            5922). Without it anybody can listen in; it is for tests and closed networks.
        client_certificates: Whether clients are asked for theirs: ``off``, ``optional`` or ``required``.
    """

    certificate: str | None = attrs.field(default=None, validator=optional(text))
    key: str | None = attrs.field(default=None, validator=optional(text))
    key_password: str | None = attrs.field(default=None, repr=False, validator=secret)
    more_certificates: tuple[tuple[str, str, str], ...] = attrs.field(default=(), validator=_certificates)
    authorities: str | None = attrs.field(default=None, validator=optional(text))
    verify: bool = attrs.field(default=True, validator=flag)
    client_certificates: str = attrs.field(default="off", validator=choice(*_MODES))

    def __attrs_post_init__(self) -> None:
        """Read the files once."""
        if self.key is not None and self.certificate is None:
            raise ConfigurationError("is of no use without a certificate", field="key")
        if self.more_certificates and self.certificate is None:
            raise ConfigurationError("come beside a certificate", field="more_certificates")
        if self.authorities is not None:  # those of the system take 20 ms, and not everybody speaks TLS
            self.client_context()
        if self.certificate is not None:
            self.server_context()

    def client_context(self) -> ssl.SSLContext:
        """Return what connections that we open are made with; names are checked by ourselves."""
        context = self._trusting(ssl.Purpose.SERVER_AUTH)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED if self.verify else ssl.CERT_NONE
        if self.certificate is not None:
            _load(context, self.certificate, self.key, self.key_password, "certificate")
        return context

    def server_context(self) -> ssl.SSLContext:
        """Return what connections that we take are made with.

        Raises:
            ConfigurationError: There is no certificate.
        """
        if self.certificate is None:
            raise ConfigurationError("a listener for TLS needs one", field="certificate")
        context = self._serving(self.certificate, self.key, self.key_password, "certificate")
        by_name = {
            domain.lower(): self._serving(certificate, key, None, "more_certificates")
            for domain, certificate, key in self.more_certificates
        }

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            wanted = by_name.get((name or "").lower())
            if wanted is not None:
                connection.context = wanted

        if by_name:
            context.sni_callback = choose
        return context

    def _serving(self, certificate: str, key: str | None, password: str | None, field: str) -> ssl.SSLContext:
        context = self._trusting(ssl.Purpose.CLIENT_AUTH)
        context.verify_mode = _MODES[self.client_certificates]
        if self.authorities is None and context.verify_mode != ssl.CERT_NONE:
            # Python leaves them out for servers, which would then believe no client at all.
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        _load(context, certificate, key, password, field)
        return context

    def _trusting(self, purpose: ssl.Purpose) -> ssl.SSLContext:
        try:
            where: dict[str, Any] = {}
            if self.authorities is not None:
                where["capath" if Path(self.authorities).is_dir() else "cafile"] = self.authorities
            context = ssl.create_default_context(purpose, **where)
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"cannot be read: {self.authorities} ({error})", field="authorities"
            ) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _load(
    context: ssl.SSLContext, certificate: str, key: str | None, password: str | None, field: str
) -> None:
    try:
        # Without a password OpenSSL would ask the terminal for one.
        context.load_cert_chain(certificate, key, password or (lambda: b""))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot be used: {certificate} ({error})", field=field) from error
