"""Who is logged in: a record here for each cookie. Nothing is on disk, so a restart ends all sessions."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from warmflow.runtime.secret_text import forget_secret, keep_secret

SESSION_S = 30 * 86_400
SESSIONS_MAX = 1000  # the oldest are forgotten


@dataclass
class Session:
    """Until when somebody is logged in, the name that they gave, and whether they know the instructor's code."""

    until_s: float
    user: str
    instructor: bool = False
    ended: bool = False


class Sessions:
    """By the value of the cookie. `now`: a steady clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._sessions: dict[str, Session] = {}

    def begin(self, user: str) -> str:
        """The cookie's value."""
        for name in [name for name, one in self._sessions.items() if one.until_s <= self._now()]:
            self.end(name)
        while len(self._sessions) >= SESSIONS_MAX:
            self.end(next(iter(self._sessions)))
        name = secrets.token_urlsafe(32)
        keep_secret(name)
        self._sessions[name] = Session(self._now() + SESSION_S, user)
        return name

    def find(self, name: str) -> Session | None:
        """None for one that never was, has ended, or is too old."""
        found = self._sessions.get(name)
        return found if found and self.is_on(found) else None

    def is_on(self, session: Session) -> bool:
        return not session.ended and session.until_s > self._now()

    def end(self, name: str) -> None:
        """Whoever still has the cookie is logged out, open WebSockets included."""
        if found := self._sessions.pop(name, None):
            found.ended = True
            forget_secret(name)

    def end_all(self) -> None:
        for name in list(self._sessions):
            self.end(name)
