"""The REGISTER requests of one registration: one Call-ID, rising CSeq, credentials kept (RFC 3261 §10.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import ChallengeAnswerer, is_challenge, parse_challenge
from ..errors import ProtocolError
from ..message import MAX_CSEQ, Request, Uri
from .contacts import contact_values
from .values import read_seconds

if TYPE_CHECKING:
    from ..ids import Ids
    from ..message import Response
    from .config import RegistrationConfig

__all__ = ["RegisterRequests"]

# Limits of one try: what a registrar can make us send before we wait (SES-30).
_MAX_BRIEF = 2
_MAX_REDIRECTS = 5
_MAX_ANSWERS = 2  # to each of 401 and 407: once, and once more when the nonce was stale


class RegisterRequests:
    """Builds the requests, and builds them anew where the answer says what to change.

    Args:
        config: The registration.
        ids: Makes Call-ID, tag and client nonces.

    Attributes:
        expires: Seconds that are asked for; a 423 raises them for good.
        outbound: Whether ``reg-id`` is sent; a 439 ends that.
    """

    __slots__ = ("_answered", "_answerer", "_brief", "_call_id", "_challenges", "_config", "_ids", "_number",
                 "_redirects", "_tag", "_uri", "expires", "outbound")  # fmt: skip

    def __init__(self, config: RegistrationConfig, ids: Ids) -> None:
        self._config = config
        self._ids = ids
        self._uri = config.request_uri
        self._call_id = ids.call_id()
        self._tag = ids.tag()
        self._number = 0
        self.expires = config.expires
        self.outbound = config.reg_id is not None
        self._answerer = ChallengeAnswerer(config.credentials, ids)
        self._challenges: dict[int, Response] = {}
        self._start()

    def _start(self) -> None:
        self._brief = self._redirects = 0
        self._answered: dict[int, int] = {}

    def first(self, *, remove: bool = False) -> Request:
        """Return the first request of a new try, with credentials for the last challenges.

        Args:
            remove: Whether it removes the contacts instead of adding them.
        """
        self._start()
        self._uri = self._config.request_uri
        request = self._build(remove=remove)
        for challenge in self._challenges.values():
            self._answerer.authorize(request, challenge)
        return request

    def again(self, refused: Request, response: Response, *, remove: bool = False) -> Request | None:
        """Return what to send after a failure that can be repaired at once, or None.

        Args:
            refused: The request that failed.
            response: Its final response.
            remove: Whether the request removes the contacts.
        """
        status = response.status_code
        if is_challenge(response):
            return self._with_credentials(refused, response)
        if status == 423 and self._raise_expires(response):
            return self._with_answers_of(refused, remove=remove)
        if 300 <= status < 400 and self._redirect(response):
            return self._with_answers_of(refused, remove=remove)
        if status == 439 and self.outbound:  # the first hop lacks outbound: do without (RFC 5626 §4.2.1)
            self.outbound = False
            return self._with_answers_of(refused, remove=remove)
        return None

    def sent(self) -> None:
        """Count a request that went out: the next one has the next number."""
        self._number += 1

    def forget_challenges(self) -> None:
        """Ask for a new challenge next time: what was kept has been refused."""
        self._challenges.clear()

    def _build(self, *, remove: bool) -> Request:
        config = self._config
        # A number is never used twice; after 2**31 requests the Call-ID has to change instead.
        if self._number >= MAX_CSEQ:
            self._call_id, self._number = self._ids.call_id(), 0
        expires = 0 if remove else self.expires
        request = Request("REGISTER", self._uri)
        for route in config.route:
            request.add("Route", route)
        request.add("Max-Forwards", "70")
        request.add("From", f"{config.on_behalf_of or config.address};tag={self._tag}")
        request.add("To", config.address)
        request.add("Call-ID", self._call_id)
        request.add("CSeq", f"{self._number + 1} REGISTER")
        for value in contact_values(config, expires, outbound=self.outbound):
            request.add("Contact", value)
        request.add("Expires", str(expires))
        request.add("Supported", ", ".join(self._option_tags()))
        if config.software:
            request.add("User-Agent", config.software)
        return request

    def _option_tags(self) -> list[str]:
        tags = ["path"]  # RFC 3327 §5.1
        if self.outbound:
            tags.append("outbound")  # RFC 5626 §4.2.1
        if self._config.instance:
            tags.append("gruu")  # RFC 5627 §4.1
        return tags

    def _with_answers_of(self, refused: Request, *, remove: bool) -> Request:
        """Build the request anew; the credentials of the refused one are counted up, not repeated."""
        request = self._build(remove=remove)
        if refused.get("authorization") or refused.get("proxy-authorization"):
            for challenge in self._challenges.values():
                self._answerer.authorize(request, challenge)
        return request

    def _with_credentials(self, refused: Request, response: Response) -> Request | None:
        status = response.status_code
        answered = self._answered.get(status, 0)
        if answered >= _MAX_ANSWERS or (answered and not _is_stale(response)):
            return None
        request = refused.copy()
        request.remove("via")
        if not self._answerer.authorize(request, response):
            return None
        self._answered[status] = answered + 1
        self._challenges[status] = response
        request.set("CSeq", f"{self._number + 1} REGISTER")
        return request

    def _raise_expires(self, response: Response) -> bool:
        """Take Min-Expires of a 423, when that can help (RFC 3261 §10.2.8)."""
        minimum = read_seconds(response.get("min-expires"), 0)
        if minimum <= self.expires or self._brief >= _MAX_BRIEF:
            return False
        self._brief += 1
        self.expires = minimum
        return True

    def _redirect(self, response: Response) -> bool:
        """Take the first Contact of a 3xx as the registrar of this try (§8.1.3.4)."""
        try:
            uris = [contact.uri for contact in response.contacts]
        except ProtocolError:
            return False
        uri = next((uri for uri in uris if isinstance(uri, Uri)), None)
        # No bid down: what was to be sent over TLS is not sent in clear.
        if uri is None or self._redirects >= _MAX_REDIRECTS or (self._uri[:5] == "sips:" != f"{uri.scheme}:"):
            return False
        self._redirects += 1
        self._uri = str(Uri(uri.scheme, uri.host, port=uri.port, params=uri.params))
        return True


def _is_stale(response: Response) -> bool:
    for value in (*response.get_all("www-authenticate"), *response.get_all("proxy-authenticate")):
        try:
            if parse_challenge(value).stale:
                return True
        except ProtocolError:
            continue
    return False
