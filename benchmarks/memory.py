"""What an idle transaction, a dialog and a held call hold, in octets.

Run ``python -m benchmarks.memory``.
"""

from __future__ import annotations

from benchmarks.measure import octets
from benchmarks.offline import expire, make_agent, play, write_script
from benchmarks.traffic import INVITES, Caller
from benchmarks.transactions import KINDS, held_octets
from sansio_sip.agent import Agent
from sansio_sip.dialog import Dialog
from sansio_sip.framing import receive_datagram
from sansio_sip.message import Request

__all__ = ["SESSION_TIMER", "call_octets", "dialog_octets"]

SESSION_TIMER = b"Session-Expires: 1800;refresher=uac\nSupported: timer\n"
"""What a caller says that refreshes its session."""

_CALLS = 2_000


def call_octets(caller: Caller) -> float:
    """Return the octets of a held call whose transactions are over; its caller's INVITE is not kept."""
    script = write_script(caller, _CALLS, hang_up=False)

    def hold() -> Agent:
        agent = make_agent()
        play(agent, script)
        expire(agent)
        if agent.statistics().calls != _CALLS:
            raise SystemExit(f"the calls do not stand: {agent.statistics()}")
        return agent

    return octets(hold) / _CALLS


def dialog_octets(kind: str) -> float:
    """Return the octets of one dialog beside its INVITE, of which it keeps only strings."""
    caller = Caller(kind)

    def make() -> list[Dialog]:
        dialogs = []
        for number in range(_CALLS):
            request = receive_datagram(caller.invite(number))
            if isinstance(request, Request):
                dialogs.append(Dialog.from_request(request, f"tag{number}"))
        return dialogs

    return octets(make) / _CALLS


def main() -> None:
    """Print what each thing holds."""
    for kind in KINDS:
        print(f"  idle transaction, {kind:32} {held_octets(kind):6.0f} octets")
    for kind in INVITES:
        print(f"  dialog, {kind} INVITE                          {dialog_octets(kind):6.0f} octets")
        plain, timed = call_octets(Caller(kind)), call_octets(Caller(kind, SESSION_TIMER))
        print(f"  held call, {kind} INVITE                       {plain:6.0f} octets")
        print(f"  held call, {kind} INVITE, with a session timer {timed:6.0f} octets")


if __name__ == "__main__":
    main()
