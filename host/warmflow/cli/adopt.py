"""`warmflow adopt`: a Pico was replaced, and the new one continues as the same pump. Sends a request to the running
daemon. It opens no port and no journal itself.
"""

from typing import Annotated

import typer

from warmflow.cli.daemon_client import DEFAULT_URL, DaemonApi, TokenFile, Url
from warmflow.cli.login_name import login_name
from warmflow.runtime import console


def adopt(
    name: Annotated[str, typer.Argument(help="The pump's name, which belongs to the board that was replaced.")],
    board: Annotated[str, typer.Argument(help="The new board: its id, its port, or its present name.")],
    by: Annotated[str | None, typer.Option(help="Who you are: it is recorded. Default: your login name.")] = None,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Give a replaced Pico the name and the history of its pump."""
    done = DaemonApi(url, token_file).request("adopt", pump=name, board=board, by=by or login_name())
    console.say(f"{done['pump']}: board {done['board_id']} replaces {done['board_before']}")
    console.say(done["board"])
