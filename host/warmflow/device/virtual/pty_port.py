"""A raw pseudo-terminal: the board's process holds the master as its stdio, clients open the slave by its path.

No byte passes through this process. We keep both ends open, so that clients may come and go and the board may be
started again without either side seeing a hang-up. The master does not block: a board that nobody reads must run on.
"""

import os
import tty
from contextlib import suppress


class PtyPort:
    """`path` is what a client opens; `board_fd` is what the board's process gets as stdin and stdout."""

    def __init__(self) -> None:
        self.board_fd, self._client_fd = os.openpty()
        tty.setraw(self._client_fd)
        # The flag belongs to the open file, not to the descriptor: the board's process has it too.
        os.set_blocking(self.board_fd, False)
        self.path = os.ttyname(self._client_fd)

    def drop_unread(self) -> None:
        """Throw away what clients sent and no board has read: a board that starts must not obey old commands."""
        with suppress(BlockingIOError):
            while os.read(self.board_fd, 65536):
                pass

    def close(self) -> None:
        os.close(self.board_fd)
        os.close(self._client_fd)
