"""What a phone tells of its dialogs, and how a watcher adds it up (RFC 4235)."""

from __future__ import annotations

from enum import Enum, unique

import attrs

__all__ = [
    "DialogEntry",
    "DialogInfo",
    "DialogInfoTable",
    "DialogParticipant",
    "DialogProgress",
    "ReplacedDialog",
]


@unique
class DialogProgress(Enum):
    """States of a dialog as its phone reports them (RFC 4235 §3.7.1)."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


@attrs.frozen
class DialogParticipant:
    """One end of a dialog (RFC 4235 §4.1.6).

    Attributes:
        identity: URI that stands for the person; empty when not told again.
        display_name: The name that goes with it.
        target: URI that reaches the device; empty when not told again.
        target_params: Parameters of its Contact, as names and values.
    """

    identity: str = ""
    display_name: str = ""
    target: str = ""
    target_params: tuple[tuple[str, str], ...] = ()

    def updated(self, newer: DialogParticipant) -> DialogParticipant:
        """Return what is known after newer information: what that leaves out stays (§4.1.6.1, §4.1.6.2)."""
        person = newer if newer.identity else self
        device = newer if newer.target else self
        return DialogParticipant(person.identity, person.display_name, device.target, device.target_params)


@attrs.frozen
class ReplacedDialog:
    """The dialog that another took the place of (RFC 4235 §4.1.4)."""

    call_id: str
    local_tag: str
    remote_tag: str


@attrs.frozen(kw_only=True)
class DialogEntry:
    """One dialog of the observed user (RFC 4235 §4.1.1).

    Attributes:
        id: Name of the dialog in these documents; not the dialog ID of SIP.
        progress: How far it has come.
        call_id: Call-ID, empty when not told; so are the tags.
        local_tag: Tag of the observed user.
        remote_tag: Tag of the other side.
        direction: ``initiator`` when the observed user called, ``recipient`` when it was called.
        event: What ended it: ``cancelled``, ``rejected``, ``replaced``, ``local-bye``, ``remote-bye``,
            ``error`` or ``timeout``; empty while it lasts.
        code: Status code of the response that brought the state, or None.
        duration: Seconds since it began, or None.
        local: The observed user's end.
        remote: The other end.
        replaces: The dialog that it took the place of.
        referred_by: URI of who caused it by REFER; empty when nobody did.
    """

    id: str
    progress: DialogProgress
    call_id: str = ""
    local_tag: str = ""
    remote_tag: str = ""
    direction: str = ""
    event: str = ""
    code: int | None = None
    duration: int | None = None
    local: DialogParticipant = DialogParticipant()
    remote: DialogParticipant = DialogParticipant()
    replaces: ReplacedDialog | None = None
    referred_by: str = ""


@attrs.frozen
class DialogInfo:
    """One dialog information document.

    Attributes:
        entity: URI of the observed user.
        version: Rises by one with each document of a subscription, from 0.
        full: Whether it holds all dialogs, or those that have changed.
        dialogs: The dialogs.
    """

    entity: str
    version: int
    full: bool
    dialogs: tuple[DialogEntry, ...] = ()


class DialogInfoTable:
    """The dialogs of one observed user as one subscription tells of them (RFC 4235 §4.3).

    Args:
        max_dialogs: How many are kept; more are left out and counted.
    """

    __slots__ = ("_dialogs", "_version", "left_out", "max_dialogs")

    def __init__(self, max_dialogs: int = 1_000) -> None:
        self.max_dialogs = max_dialogs
        self.left_out = 0
        self._dialogs: dict[str, DialogEntry] = {}
        self._version: int | None = None

    @property
    def dialogs(self) -> tuple[DialogEntry, ...]:
        """The dialogs that last, in the order in which they became known."""
        return tuple(self._dialogs.values())

    def receive(self, document: DialogInfo) -> bool:
        """Take a document in.

        Returns:
            Whether something between was missed, so that a refresh should ask for the full state.
        """
        known = self._version
        if known is not None and (
            document.version < known or (document.version == known and not document.full)
        ):
            return False
        missed = not document.full and (known is None or document.version > known + 1)
        self._version = document.version
        if document.full:
            self._dialogs.clear()
        for entry in document.dialogs:
            self._update(entry)
        return missed

    def _update(self, entry: DialogEntry) -> None:
        if entry.progress is DialogProgress.TERMINATED:
            self._dialogs.pop(entry.id, None)
            return
        old = self._dialogs.get(entry.id)
        if old is not None:
            entry = attrs.evolve(
                entry, local=old.local.updated(entry.local), remote=old.remote.updated(entry.remote)
            )
        elif len(self._dialogs) >= self.max_dialogs:
            self.left_out += 1
            return
        self._dialogs[entry.id] = entry
