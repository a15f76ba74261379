"""What ``--help`` says about each verb."""

from __future__ import annotations

import attrs

__all__ = ["HELP", "VerbHelp"]

_STATUS = """exit status:
  0  {ok}
  1  {failed};
     also a port in use, a file that cannot be used, a host that cannot be reached
  2  a mistake in the command line
Every failure is one line on standard error.
Ctrl-C and SIGTERM hang up and end in good order, a second one at once; serve drains first on SIGTERM."""


@attrs.frozen
class VerbHelp:
    """The texts of one verb.

    Attributes:
        summary: Its line in the list of verbs.
        description: What it does.
        ok: When its exit status is 0.
        failed: When its exit status is 1.
    """

    summary: str
    description: str
    ok: str
    failed: str

    @property
    def epilog(self) -> str:
        """What its exit status means."""
        return _STATUS.format(ok=self.ok, failed=self.failed)


HELP = {
    "demo": VerbHelp(
        "two phones in this process call each other",
        "Two phones on 127.0.0.1: a call, a tone and keys both ways; the ladder and the measurements.",
        "the audio that arrived is the audio that was sent",
        "it is not, or there was no call",
    ),
    "serve": VerbHelp(
        "answer calls",
        "Answer calls until interrupted: a line when ready, one for each event, then the statistics.",
        "it served and ended in good order",
        "it could not serve",
    ),
    "call": VerbHelp(
        "call somebody",
        "Call URI; once answered, play the file, then press the keys, then hang up.\n"
        "With nothing to do, stay until the peer hangs up. Ctrl-C cancels the call or hangs it up.",
        "the call was answered and ended well",
        "the call failed or was given up before the answer; status and phrase are printed",
    ),
    "register": VerbHelp(
        "register an address",
        "Register URI and keep it registered until interrupted; a line for each event. Then unregister.",
        "the registrar agreed",
        "it refused, then or later, or cannot be reached; status and phrase are printed",
    ),
    "registrar": VerbHelp(
        "let phones register",
        "Be the registrar of DOMAIN until interrupted: a line when ready, one for each event, then numbers.\n"
        "With --connect-calls it connects the phones' calls as well, by the names that they have registered.",
        "it served and ended in good order",
        "it could not serve, or the store cannot be read",
    ),
    "queue": VerbHelp(
        "let callers wait for agents",
        "Let callers wait in line, with music, until the phone of an agent answers: a line for each event,\n"
        "the numbers of the queue and of each agent at the end.",
        "it served and ended in good order",
        "it could not serve",
    ),
    "proxy": VerbHelp(
        "forward calls to others, and to phones that register",
        "Be a stateful proxy until interrupted: a line when ready, one for each event, then the numbers.\n"
        "Users go by the beginning of their names to the targets of --route. With --registrar phones\n"
        "register on the same port, and are called there.",
        "it served and ended in good order",
        "it could not serve",
    ),
    "b2bua": VerbHelp(
        "connect calls with others",
        "Answer each call for itself and connect it with one to the target of --route, until interrupted.\n"
        "A line when ready, one for each call when it is over, then the numbers.",
        "it served and ended in good order",
        "it could not serve",
    ),
    "options": VerbHelp(
        "ask a peer what it can",
        "Send OPTIONS to URI; print the round-trip time, the status, Server and Allow.",
        "the answer was a 2xx",
        "it was another, or there was none",
    ),
    "codecs": VerbHelp(
        "list the codecs",
        "Look for the libraries of this machine; print each codec, and what is missing and how to get it.",
        "the list was printed",
        "it could not be written",
    ),
    "ladder": VerbHelp(
        "show the calls of a capture",
        "Read FILE; print the ladder of each call, and of each RTP stream loss, jitter and MOS.",
        "there were calls or streams",
        "there was neither SIP nor RTP in it",
    ),
    "simulate": VerbHelp(
        "make many calls on a simulated network",
        "Many phones call each other in virtual time on a network as bad as you like, all in this process.\n"
        "Print how the calls ended, and what is stuck or left. The same options give the same digest.",
        "every call ended and nothing is left",
        "a call is stuck or something is left; the ladder of the worst call is printed",
    ),
    "message": VerbHelp(
        "write to somebody",
        "Send TEXT to URI as a message (MESSAGE); print the status that came back.",
        "the answer was a 2xx",
        "it was another, or there was none",
    ),
    "subscribe": VerbHelp(
        "watch the state of somebody",
        "Subscribe to URI and print each state: presence, calls, a mailbox, registrations, a conference.",
        "the peer agreed, and did not end it",
        "it refused, cannot be reached, or ended it; status and phrase are printed",
    ),
    "api": VerbHelp(
        "let programs drive calls by WebSocket",
        "Take commands as JSON over WebSocket, and push events (docs/websocket_api.md).\n"
        "Calls that come in ring until a client decides; without a client they get 480.",
        "it served and ended in good order",
        "it could not serve",
    ),
    "conference": VerbHelp(
        "a room for everybody who calls",
        "Answer calls until interrupted; all of them hear each other. Show a table of the members.",
        "it served and ended in good order",
        "it could not serve",
    ),
    "load": VerbHelp(
        "make many calls at a rate",
        "Call URI again and again; print counts, reasons of failures, and percentiles of the set-up time.",
        "all calls were made, and no more failed than --allow-failed has it",
        "more failed, or it was interrupted; the numbers are printed",
    ),
}
