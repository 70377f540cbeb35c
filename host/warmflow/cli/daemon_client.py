"""Client of the running daemon's HTTP API: one request, one answer, or an error in one line that says what to do."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import typer

from warmflow.errors import UserError
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.text_file import TextFileError, read_text

DEFAULT_URL = "http://127.0.0.1:8080"
TOKEN, TOKEN_FILE = "WARMFLOW_HTTP_TOKEN", "WARMFLOW_HTTP_TOKEN_FILE"
TIMEOUT_S = 10.0
TOKEN_FILE_BYTES = 10_000
ANSWER_MAX = 50_000_000
Url = Annotated[str, typer.Option("--url", help="Address of the running daemon's web server; its log shows it.")]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", help=f"File with the daemon's token. Or set {TOKEN} or {TOKEN_FILE}."),
]


class NoDaemon(UserError):
    """The daemon did not answer; the text says why and what to do."""


class RefusedByDaemon(UserError):
    """The daemon refused the request; the text is the daemon's."""


class DaemonApi:
    """Raises NoDaemon for an invalid address, and for a token file that cannot be read."""

    def __init__(self, url: str = DEFAULT_URL, token_file: Path | None = None) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise NoDaemon(f"--url {url}: not an address; write it like {DEFAULT_URL}")
        self.url = url.rstrip("/")
        self._token = _token(os.environ, token_file)

    def get(self, path: str) -> Any:
        """JSON of a page of the API. Raises NoDaemon, RefusedByDaemon."""
        return self._ask(urllib.request.Request(f"{self.url}{path}"))

    def request(self, kind: str, **fields: Any) -> Any:
        """Sends a request of docs/mqtt.md and returns the data of its answer. Raises NoDaemon, RefusedByDaemon."""
        body = json.dumps({name: value for name, value in fields.items() if value is not None}).encode()
        return self._ask(urllib.request.Request(f"{self.url}/api/requests/{quote(kind)}", body, method="POST"))["data"]

    def _ask(self, request: urllib.request.Request) -> Any:
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        request.add_header("Accept", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return parse_json(answer.read(ANSWER_MAX))
        except urllib.error.HTTPError as error:
            raise self._refusal(error) from None
        except (urllib.error.URLError, OSError) as error:
            why = getattr(error, "reason", error)
            raise NoDaemon(
                f"no daemon answers at {self.url} ({why}); start one with `warmflow run`, or name another with --url"
            ) from None
        except ValueError:
            raise NoDaemon(
                f"{self.url}: the answer is not that of a warmflow daemon; give the right address with --url"
            ) from None

    def _refusal(self, error: urllib.error.HTTPError) -> UserError:
        text = error.read(10_000).decode("utf-8", "replace")
        if error.code == 401:
            return NoDaemon(f"{self.url} needs a token; give it with --token-file, {TOKEN} or {TOKEN_FILE}")
        try:
            said = parse_json(text)
            return RefusedByDaemon(str(said.get("error") or said.get("detail") or text))
        except (ValueError, AttributeError):
            return NoDaemon(f"{self.url}: {error.code} {' '.join(text.split())[:200] or error.reason}")


def _token(environment: Mapping[str, str], file: Path | None) -> str:
    path = file or (Path(environment[TOKEN_FILE]) if environment.get(TOKEN_FILE) else None)
    if path is None:
        return environment.get(TOKEN, "")
    try:
        return read_text(path, TOKEN_FILE_BYTES).strip()
    except TextFileError as error:
        raise NoDaemon(f"token file {error}") from None
