"""A command of ours as a process of its own, and what it says."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path


class Process:
    """A command, and what it has said."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        places = {"XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "warmflow", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | places | {"WARMFLOW_HTTP_COMMANDS": "true"} | environment,
        )  # fmt: skip
        self.said = ""
        self._changed = threading.Condition()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def says(self, pattern: str, seconds: float = 60) -> str:
        """The first group of a line that comes within this time."""
        with self._changed:
            assert self._changed.wait_for(lambda: re.search(pattern, self.said), seconds), self.said
        found = re.search(pattern, self.said)
        assert found
        return found[1]

    def status(self) -> int | None:
        """Of a process that has ended; None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reading.join(20)

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                with self._changed:
                    self.said += line
                    self._changed.notify_all()
