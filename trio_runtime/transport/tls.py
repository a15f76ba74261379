"""TLS over any stream: handshakes, and whether the peer is who it should be."""

from __future__ import annotations

import ssl

import attrs
import trio

from sansio_sip.resolve import certificate_identities, is_certificate_of
from trio_runtime.base.connection_errors import CertificateError, ConnectionFailedError, FailureCause

__all__ = ["Secured", "broken_by", "secure_client", "secure_server"]

_PROBLEMS = {
    9: "not yet valid",
    10: "expired",
    18: "self-signed",
    19: "unknown authority",
    20: "unknown authority",
    21: "unknown authority",
    23: "revoked",
    62: "wrong name",
}  # X509_V_ERR_* of OpenSSL


@attrs.frozen
class Secured:
    """A stream after its TLS handshake.

    Attributes:
        stream: Octets in the clear.
        identities: The SIP domains and addresses that the certificate of the peer stands for; empty where it
            was not checked.
    """

    stream: trio.SSLStream[trio.abc.Stream]
    identities: tuple[str, ...]


async def secure_client(stream: trio.abc.Stream, context: ssl.SSLContext, server_name: str) -> Secured:
    """Do the handshake of the client, and check the name in the certificate.

    Args:
        stream: The connected stream.
        context: Trust and own certificate.
        server_name: Domain of the URI; sent as SNI unless it is an address.

    Raises:
        CertificateError: The certificate is not valid, or is another's.
        ConnectionFailedError: There was no handshake.
    """
    secured = trio.SSLStream(stream, context, server_hostname=server_name or None, https_compatible=True)
    await _shake_hands(secured, server_name)
    if context.verify_mode is ssl.CERT_NONE:
        return Secured(secured, ())
    identities = _identities(secured)
    if not is_certificate_of(identities, server_name):
        named = ", ".join(identities) or "nobody"
        raise CertificateError(
            f"the certificate is for {named}, not for {server_name}",
            problem="wrong name",
            server_name=server_name,
        )
    return Secured(secured, identities)


async def secure_server(stream: trio.abc.Stream, context: ssl.SSLContext) -> Secured:
    """Do the handshake of the server.

    Raises:
        CertificateError: The client's certificate is not valid.
        ConnectionFailedError: There was no handshake.
    """
    secured = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
    await _shake_hands(secured, "")
    return Secured(secured, _identities(secured))


async def _shake_hands(stream: trio.SSLStream[trio.abc.Stream], server_name: str) -> None:
    try:
        await stream.do_handshake()
    except (OSError, trio.BrokenResourceError, trio.ClosedResourceError) as failure:
        raise _as_error(failure, server_name) from failure


def broken_by(failure: BaseException) -> str:
    """Return why an established connection broke, in words; what TLS says has its error with it."""
    cause = failure if isinstance(failure, ssl.SSLError) else failure.__cause__
    if isinstance(cause, ssl.SSLError):
        return FailureCause(_as_error(failure, ""))
    return "the connection was reset"


def _as_error(failure: BaseException, server_name: str) -> ConnectionFailedError:
    cause = failure if isinstance(failure, ssl.SSLError) else failure.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        problem = _PROBLEMS.get(cause.verify_code, cause.verify_message)
        return CertificateError(
            f"the certificate of {server_name or 'the peer'} is not accepted: {cause.verify_message}",
            problem=problem,
            server_name=server_name,
        )
    reason = cause.reason if isinstance(cause, ssl.SSLError) and cause.reason else None
    if reason is not None and "CERTIFICATE" in reason.upper():
        # Said by the server: ours is none that it takes, or we have none.
        return CertificateError(
            f"our certificate is not accepted: {reason.lower().replace('_', ' ')}",
            problem="missing"
            if "REQUIRED" in reason.upper() or "NOT_RETURN" in reason.upper()
            else "refused",
            server_name=server_name,
        )
    words = reason.lower().replace("_", " ") if reason else "the connection was closed"
    return ConnectionFailedError(f"TLS failed: {words}")


def _identities(stream: trio.SSLStream[trio.abc.Stream]) -> tuple[str, ...]:
    """Return whom the certificate of the peer names; empty when none was checked."""
    certificate = stream.getpeercert()
    if not certificate:
        return ()
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    common_name = next((value for name, value in subject if name == "commonName"), "")
    return tuple(certificate_identities(certificate.get("subjectAltName", ()), common_name))
