"""What an application asks of others by a coordinator, besides calls, and what others ask of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trio_runtime.coordinator.service import CoordinatorService
from trio_runtime.coordinator.subscribing.block import PublishedBlock, SubscribedBlock

if TYPE_CHECKING:
    from trio_runtime.base.account_config import Account
    from trio_runtime.coordinator.messaging.incoming import IncomingRequest
    from trio_runtime.coordinator.subscribing.publication import Publication, Publishable
    from trio_runtime.coordinator.subscribing.subscription import Subscription
    from trio_runtime.events import EventStream
    from trio_runtime.session import SipResponse

__all__ = ["AskingVerbs"]


class AskingVerbs(CoordinatorService):
    """The verbs of a coordinator for single requests, messages, subscriptions and publications.

    Where there is an ``account``, that speaks: an account, or the address of one that is configured or
    registered; by default our own. An account that is none is a `ConfigurationError`.

    Args:
        config: How it presents itself, listens and limits itself.
    """

    async def options(self, uri: str, *, account: Account | str | None = None) -> SipResponse:
        """Ask a peer what it can (OPTIONS); see `request` for errors."""
        return await self.request("OPTIONS", uri, headers=[("Accept", "application/sdp")], account=account)

    async def request(
        self,
        method: str,
        uri: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
        account: Account | str | None = None,
    ) -> SipResponse:
        """Send any request outside of calls, and return its final response whatever its status (MSG-11).

        A challenge is answered with the account's password. A user who is registered with us is asked at his
        phones, the preferred first, until one answers.

        Args:
            method: Method, such as one of an extension; those that belong to calls are refused.
            uri: Request-URI.
            headers: Header fields. From, To, Call-ID, CSeq, Max-Forwards, Contact and User-Agent are made
                here only where they are not among them, so that a whole request can be given.
            content_type: Media type of the body.
            body: Body octets.
            account: Who asks.

        Raises:
            InvalidUriError: The URI cannot be reached, or a value cannot be sent.
            NotRegisteredError: A user of our own domains has no phone now.
            RequestTimedOutError: There was no response: for 5 s of OPTIONS, for 64·T1 of others.
            CertificateError: The peer is not who it should be.
            NetworkError: It could not be sent.
        """
        sender = self._parts.registrations.sender(account)
        return await self._parts.client.request(
            method, uri, headers=headers, content_type=content_type, body=body, sender=sender
        )

    async def send_message(
        self,
        uri: str,
        message: str | bytes,
        *,
        content_type: str = "text/plain;charset=UTF-8",
        headers: Iterable[tuple[str, str]] = (),
        account: Account | str | None = None,
    ) -> SipResponse:
        """Send a message (MESSAGE, RFC 3428) and return the answer: 200 or 202, or a refusal (CLI-4).

        One that follows another to the same URI waits for its answer. A user who is registered with us
        gets it at the preferred phone that answers.

        Args:
            uri: Whom to.
            message: A text, or octets of ``content_type``; 1,300 octets with all headers at most.
            content_type: Media type.
            headers: More header fields.
            account: Who writes.

        Raises:
            InvalidUriError: The URI cannot be reached, the message is too long, or a value cannot be sent.
            NotRegisteredError: A user of our own domains has no phone now.
            RequestTimedOutError: There was no answer for 64·T1.
            NetworkError: It could not be sent.
        """
        body = message.encode() if isinstance(message, str) else message
        sender = self._parts.registrations.sender(account)
        return await self._parts.asking.messages.send(uri, body, content_type, headers, sender)

    def subscribe_to(
        self,
        uri: str,
        *,
        event: str = "presence",
        expires: int = 3_600,
        headers: Iterable[tuple[str, str]] = (),
        account: Account | str | None = None,
        patient: bool = False,
    ) -> SubscribedBlock:
        """Return an async context manager in which the state of somebody else is watched (CLI-5).

        Entering subscribes (SUBSCRIBE, RFC 6665) and waits until that is accepted; iterating over what it
        gives yields each `Notification`. It is refreshed, and made again when it is lost; leaving
        unsubscribes without waiting. See `Subscription.accepted` for errors.

        Args:
            uri: Whose state.
            event: Event package: ``presence``, ``dialog``, ``message-summary``, ``reg``, ``conference``, or
                another one, with parameters behind semicolons where there are some.
            expires: Seconds to subscribe for; 0 looks once, and the iteration stops after that.
            headers: More header fields of the first SUBSCRIBE.
            account: Who subscribes.
            patient: Whether entering waits on while a peer that cannot be reached is tried again.
        """
        return SubscribedBlock(
            lambda: self.start_subscription(
                uri, event=event, expires=expires, headers=headers, account=account
            ),
            patient=patient,
        )

    def start_subscription(
        self,
        uri: str,
        *,
        event: str = "presence",
        expires: int = 3_600,
        headers: Iterable[tuple[str, str]] = (),
        account: Account | str | None = None,
    ) -> Subscription:
        """Begin to watch and return at once; it lasts until `Subscription.unsubscribe`, or our end.

        Raises:
            InvalidUriError: The URI cannot be reached, or a value cannot be sent.
            ConfigurationError: ``event`` or ``expires`` is none.
            LimitExceededError: There are too many subscriptions.
        """
        sender = self._parts.registrations.sender(account)
        return self._parts.asking.subscriptions.start(uri, event, expires, headers, sender)

    def publish(
        self,
        state: Publishable,
        *,
        uri: str | None = None,
        event: str = "presence",
        expires: int = 3_600,
        account: Account | str | None = None,
        patient: bool = False,
    ) -> PublishedBlock:
        """Return an async context manager in which a state of ours is published (PUBLISH, RFC 3903).

        Entering publishes and waits for the answer; it is refreshed, `Publication.modify` changes it, and
        leaving removes it without waiting. See `Publication.published` for errors.

        Args:
            state: A `PresenceStatus`, a `PresenceDocument`, or any `FixedState`.
            uri: What it is the state of; the address of the account when ``None``.
            event: Event package.
            expires: Seconds to publish for.
            account: Who publishes.
            patient: Whether entering waits on while a compositor that cannot be reached is tried again.
        """
        return PublishedBlock(
            lambda: self._start_publication(state, uri, event, expires, account), patient=patient
        )

    def _start_publication(
        self, state: Publishable, uri: str | None, event: str, expires: int, account: Account | str | None
    ) -> Publication:
        registrations = self._parts.registrations
        about = registrations.account(account).uri if uri is None else uri
        sender = registrations.sender(account)
        return self._parts.asking.publications.start(about, event, state, expires, sender)

    @property
    def requests(self) -> EventStream[IncomingRequest]:
        """Requests of others with the methods of `RequestsConfig.methods`, to be answered by `respond`.

        A stream for one reader, the same each time until it is closed. Before it is asked for, each gets 480.
        """
        return self._parts.asking.requests.stream
