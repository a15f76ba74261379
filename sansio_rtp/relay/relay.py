"""Two sessions whose packets pass to each other without being decoded."""

from __future__ import annotations

from ..errors import LocalProtocolError
from ..session import RtpSession
from .agreement import RelayMismatchError, agree
from .news import FormatRefused
from .path import RelayPath


class MediaRelay:
    """Two legs of a call in which nothing has to be decoded, as both send the same codec.

    Everything that is due to a peer goes on leg by leg: which address and source is its, reception reports,
    statistics, digits as events, SRTP, hold, goodbyes. Reports (RTCP) end on their leg, for the sources that
    they speak of are not known on the other one: each leg has its own SSRCs, as with a mixer that names no
    contributing sources (RFC 3550 §7.3). A goodbye of a peer is an event of its session and no end of ours.

    A session may send frames of its own at any time (an announcement, digits): packets that come from the
    other leg meanwhile should be kept back with `pause`, and go on behind them. The relay is no machine of
    its own: the sessions are, and have the packets and the events.

    Attributes:
        paths: From the first session to the second, and from the second to the first.
    """

    def __init__(self, a: RtpSession, b: RtpSession) -> None:
        """Connect two sessions, whose packets pass to each other from now on.

        Raises:
            RelayMismatchError: They do not agree.
            LocalProtocolError: It is one session, or one of them is relayed already.
        """
        if a is b:
            raise LocalProtocolError("a session cannot be relayed to itself")
        if a.diverted or b.diverted:
            raise LocalProtocolError("a session is relayed already")
        there, back = agree(a.config, b.config)
        self.paths = (RelayPath(a, b, there), RelayPath(b, a, back))
        self._configs = (a.config, b.config)
        self.closed = False
        for path in self.paths:
            path.receive.divert(path)

    def update(self) -> None:
        """Take what was renegotiated on either leg; call it after `RtpSession.update`.

        Raises:
            RelayMismatchError: They do not agree any more; the relay is closed then.
        """
        there, back = self.paths
        configs = (there.receive.config, back.receive.config)
        if self.closed or configs == self._configs:
            return
        self._configs = configs
        try:
            formats = agree(*configs)
        except RelayMismatchError:
            self.close()
            raise
        there.configure(formats[0])
        back.configure(formats[1])

    def next_event(self) -> tuple[RtpSession, FormatRefused] | None:
        """Pop one event and the session whose peer caused it, or return None."""
        for path in self.paths:
            event = path.next_event()
            if event is not None:
                return path.receive, event
        return None

    def close(self) -> None:
        """Let both sessions play what they receive again; idempotent."""
        if not self.closed:
            self.closed = True
            for path in self.paths:
                path.receive.divert(None)
