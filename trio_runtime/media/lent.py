"""The RTP session of a stream, and who moves it together with others."""

from __future__ import annotations

from typing import Protocol

from sansio_rtp.plane import MediaPlane
from sansio_rtp.session import RtpSession

__all__ = ["Borrower", "LentSession"]


class Borrower(Protocol):
    """Who has a part of a session for as long as it runs smoothly."""

    def settle(self) -> None:
        """Give back what was lent, so that the session is up to date."""
        ...

    def heard_at(self) -> float:
        """Return when the peer was heard last, in seconds; minus infinity when it never was."""
        ...


class LentSession:
    """A session that is in the plane of the media clock, or in a relay, or neither.

    Attributes:
        bare: The session as it is; what it has to say does not depend on what it has lent.
        row: Its row in the plane, None while it has none.
    """

    def __init__(self, plane: MediaPlane) -> None:
        """Begin without a session."""
        self.bare: RtpSession | None = None
        self.row: int | None = None
        self._plane = plane
        self._borrower: Borrower | None = None

    @property
    def current(self) -> RtpSession | None:
        """The session, up to date; None while there is none."""
        if self.row is not None:
            return self._plane.session(self.row)
        if self._borrower is not None:
            self._borrower.settle()
        return self.bare

    @property
    def sending(self) -> RtpSession | None:
        """The session, of which only the sending half is asked for."""
        return self.current if self.row is None else self._plane.sending(self.row)

    def settle(self, *, fits: bool) -> None:
        """Give the session to the plane, or take it out, as its packets allow."""
        if not fits or self._borrower is not None:
            self.leave()
        elif self.row is None and self.bare is not None:
            self.row = self._plane.add(self.bare)

    def lend(self, borrower: Borrower | None) -> None:
        """Lend the session to a relay, for which it leaves the plane; None ends that."""
        self.leave()
        self._borrower = borrower

    def leave(self) -> RtpSession | None:
        """Take the session out of the plane, and return it up to date."""
        if self.row is not None:
            self._plane.remove(self.row)
            self.row = None
        return self.current

    def heard_at(self) -> float:
        """Return when the peer was heard last, in seconds; minus infinity when it never was."""
        if self.row is not None:
            return self._plane.heard_at(self.row)
        if self._borrower is not None:
            return self._borrower.heard_at()
        return float("-inf") if self.bare is None else self.bare.heard_at
