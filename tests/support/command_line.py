"""A command of `warmflow` as its user types it, in this process: a process of its own costs half a second to start.

For commands that are over soon. What is about processes themselves (signals, pipes, what a daemon leaves behind) uses
command_process.py.
"""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple
from unittest.mock import patch

from warmflow.cli.main import main


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


def command_line(*arguments: object) -> Done:
    """Run `warmflow ARGUMENTS` to its end."""
    out, err = io.StringIO(), io.StringIO()
    with patch.object(sys, "argv", ["warmflow", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
            status: object = 0
        except SystemExit as ended:
            status = ended.code or 0
    assert isinstance(status, int), status
    return Done(status, out.getvalue(), err.getvalue())
