"""All commands by name."""

from trio_runtime.control.commands.calls import CALL_COMMANDS
from trio_runtime.control.commands.changes import CHANGE_COMMANDS
from trio_runtime.control.commands.conferences import CONFERENCE_COMMANDS
from trio_runtime.control.commands.media import MEDIA_COMMANDS
from trio_runtime.control.commands.model import Command
from trio_runtime.control.commands.others import OTHER_COMMANDS

__all__ = ["COMMANDS"]

COMMANDS: dict[str, type[Command]] = {
    kind.name: kind
    for kind in (*CALL_COMMANDS, *CHANGE_COMMANDS, *MEDIA_COMMANDS, *CONFERENCE_COMMANDS, *OTHER_COMMANDS)
}
"""Every command by its name."""
