"""The visitors' token as it is now: its file is looked at again when it has changed, so that a new token is in force
without a restart. A file that holds none is logged, and the token before it stays in force.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from warmflow.daemon.config.model import HttpSettings
from warmflow.runtime.logs import Log, toned
from warmflow.runtime.secret_text import keep_secret

LOOK_EVERY_S = 1.0


class TokenFile:
    """Call it for the token. `now`: a steady clock."""

    def __init__(self, settings: HttpSettings, log: Log, now: Callable[[], float] = time.monotonic) -> None:
        assert settings.token_file
        token = settings.token()
        assert token
        self._settings, self._file, self._log, self._now = settings, settings.token_file, log, now
        self._token, self._stamp, self._looked_s = token.get_secret_value(), _stamp(self._file), now()

    def __call__(self) -> str:
        if self._now() - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = self._now()
            if (stamp := _stamp(self._file)) != self._stamp:
                self._stamp = stamp
                self._read()
        return self._token

    def _read(self) -> None:
        try:
            token = self._settings.token()
        except (OSError, ValueError) as error:
            toned(self._log, logging.WARNING)(f"the previous token stays valid: {error}")
            return
        if token and token.get_secret_value() != self._token:
            self._token = token.get_secret_value()
            keep_secret(self._token)
            self._log("the token has changed; all visitors must log in again")


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
        return (found.st_mtime_ns, found.st_size, found.st_ino)
    except OSError:
        return ()
