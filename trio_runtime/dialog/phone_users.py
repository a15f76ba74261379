"""The users of a registrar: their passwords, their addresses, and who there is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from trio_runtime.base.user_secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from sansio_sip.auth import Secret
    from trio_runtime.base.registrar_config import RegistrarConfig

__all__ = ["PhoneUsers"]

logger = logging.getLogger("trio_runtime")


class PhoneUsers:
    """Asks the configuration of a registrar, and the functions in it, in the midst of a message.

    What these raise must not stop all others, so it is logged, and means that somebody is unknown for now.

    Args:
        config: The registrar's.
    """

    def __init__(self, config: RegistrarConfig) -> None:
        self._config = config
        self._users = dict(config.users)

    def secret_of(self, username: str, realm: str) -> Secret | None:
        """Return what is known of a user, ``None`` for an unknown one."""
        known = self._users.get(username)
        if known is not None or self._config.registry is None:
            return known
        try:
            found = self._config.registry(username, realm)
            return None if found is None else read_secret(found)
        except Exception:
            logger.exception("the registry failed; the user %r is unknown for now", username)
            return None

    @property
    def owns(self) -> Callable[[str, str], bool] | None:
        """What tells whether a user may register an address, ``None`` for its own only."""
        return None if self._config.owns is None else self._owns

    def _owns(self, username: str, address: str) -> bool:
        try:
            return self._config.owns is not None and self._config.owns(username, address)
        except Exception:
            logger.exception("owns failed; the user %r may not register %s", username, address)
            return False

    def may_exist(self, username: str) -> bool:
        """Return whether a user of this name may come and register.

        Where everybody may, or addresses are not those of user names, nobody knows who will not.
        """
        config = self._config
        if config.anonymous or config.owns is not None or username in self._users:
            return True
        if config.registry is None:
            return False
        try:
            return config.registry(username, config.challenge_realm) is not None
        except Exception:
            logger.exception("the registry failed; nobody knows whether there is %r", username)
            return True
