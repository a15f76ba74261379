"""What a client can ask for, and what it is answered with: the models that the schema is made from."""

from trio_runtime.control.commands.model import Command
from trio_runtime.control.commands.table import COMMANDS

__all__ = ["COMMANDS", "Command"]
