"""Composes the web server's application: metrics, health, dashboard and API. Also checks that an address that others
can reach needs a token.
"""

from starlette.applications import Starlette

from warmflow.api.payloads import http
from warmflow.daemon import metrics
from warmflow.daemon.app import Daemon
from warmflow.daemon.config import Settings
from warmflow.daemon.instructor_code import instructor_code
from warmflow.daemon.pump_entries import roster
from warmflow.daemon.token_file import TokenFile
from warmflow.journal import JournalReader
from warmflow.notice import NOTICE
from warmflow.runtime.logs import Log
from warmflow.sinks.web.application import site
from warmflow.sinks.web.health_route import health_route
from warmflow.sinks.web.http_api import api
from warmflow.sinks.web.listen import ListenError
from warmflow.sinks.web.live_feed import LiveFeed
from warmflow.sinks.web.metrics_route import metrics_route
from warmflow.sinks.web.pages import LOGIN_PAGE, dashboard_routes
from warmflow.sinks.web.training_site import TrainingSite

COMMANDS_OFF = "commands are off: set commands = true in [http] of the settings, or WARMFLOW_HTTP_COMMANDS=true"


def refuse_strangers(settings: Settings, is_loopback: bool) -> None:
    """Raises ListenError for an address that others can reach, without a token that they have to know."""
    if not is_loopback and settings.http.token() is None:
        raise ListenError(
            f"http.listen {settings.http.listen}: others can reach that address; set "
            "http.token_file to a file with a token (`openssl rand -hex 16` makes one), or listen on 127.0.0.1"
        )


def daemons_site(
    running: Daemon, settings: Settings, live: LiveFeed, reader: JournalReader,
    training: TrainingSite, loopback: bool, log: Log,
) -> Starlette:  # fmt: skip
    """The application. `live` is a taker of the daemon's hub already. Raises CodeFileError."""
    commands = settings.http.commands

    async def answer(kind: str, payload: bytes) -> dict[str, object]:
        return await running.answers.answer(kind, payload, allowed=commands, off=COMMANDS_OFF, operators=True)

    def pumps() -> http.PumpsPage:
        return http.PumpsPage(
            pumps=roster(running.fleet.links.values()),
            last=live.last(),
            scenarios={pump: http.Scenario(**run) for pump, run in running.scenarios.states().items()},
            note=NOTICE,
        )

    own_api = api(pumps, lambda: reader, answer, commands, running.clock)
    own_api.include_router(training.api)
    routes = [
        metrics_route(metrics.KINDS, lambda: metrics.sample(running)),
        health_route(running.health.now),
        *training.routes,
        *dashboard_routes(live, own_api),
    ]
    if settings.http.token_file is None:
        return site(routes, loopback, log=log)
    code, file = instructor_code(settings)
    log(f"the instructor's code for /train/instructor is in {file}")

    def is_hidden() -> bool:
        return bool(training.stage.session.hidden)

    return site(routes, loopback, TokenFile(settings.http, log), str(LOGIN_PAGE), code, is_hidden, log)
