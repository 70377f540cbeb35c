"""The daemon as a service: adds web server, watchdog and messages to the service manager to the parts of app.py."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from warmflow.api import payloads
from warmflow.daemon.app import Beat, Daemon, daemon
from warmflow.daemon.config import Settings
from warmflow.daemon.gc_tuning import tidy
from warmflow.daemon.pump_entries import entry
from warmflow.daemon.systemd import notifier, watchdog_s
from warmflow.daemon.training_host import training
from warmflow.daemon.web_site import COMMANDS_OFF, daemons_site, refuse_strangers
from warmflow.device.updates import Reading
from warmflow.runtime.logs import Log, within
from warmflow.runtime.tasks import end, watched
from warmflow.runtime.wall_clock import Clock, SteadyClock, steady_clock, wall_clock
from warmflow.sinks.web.latest_explanation import Latest
from warmflow.sinks.web.listen import bound, is_loopback, url
from warmflow.sinks.web.live_feed import LiveFeed
from warmflow.sinks.web.server import Tls, WebServer
from warmflow.sinks.web.table_row import table_row


@asynccontextmanager
async def service(
    settings: Settings,
    log: Log,
    opened: Callable[[str], None] = lambda address: None,
    clock: Clock = wall_clock,
    steady: SteadyClock = steady_clock,
    rig: bool = False,
) -> AsyncIterator[Daemon]:
    """Runs the daemon and its web server during the block. `opened` is called with the web server's address, if there
    is one. `rig`: lessons may control pumps whatever the settings, and so may requests if only this computer can send
    them.

    Raises: ListenError, BrokerError, JournalError.
    """
    web_log, notify = within(log, "http"), notifier(os.environ)
    sock = bound(settings.http.listen)  # first, so that an unavailable address is reported at once
    if sock:
        refuse_strangers(settings, is_loopback(sock))
    tls = Tls(settings.http.cert_file, settings.http.key_file)
    web = WebServer(sock, web_log, tls) if sock else None
    async with contextlib.AsyncExitStack() as last:
        if web:
            last.push_async_callback(web.ended)
        beat = Beat(lambda line: notify(f"WATCHDOG=1\nSTATUS={line}"), watchdog_s(os.environ))
        async with daemon(settings, log, clock, steady, beat) as running:
            leaving = contextlib.AsyncExitStack()
            last.push_async_callback(end, watched(tidy(), running.failed, "tidy"))
            if web and sock:
                latest, reader = Latest(), running.async_journal.journal.open_reader()

                def card(reading: Reading) -> payloads.Card:
                    return payloads.card(reading, latest.of(reading.pump), latest.found(reading.pump))

                def known(pump: str) -> payloads.PumpEntry | None:
                    return next((entry(link) for link in running.fleet.links.values() if link.name == pump), None)

                live = LiveFeed(
                    card,
                    payloads.link_status,
                    clock,
                    lambda: {"alarms": running.alarms.active(), "scenarios": running.scenarios.states()},
                    table_row(latest.found, running.alarms.of_pump, known, running.alarms.limits.of),
                )
                running.hub.add(latest)
                running.hub.add(live)
                last.push_async_callback(end, watched(live.run(), running.failed, "live"))
                if rig and is_loopback(sock) and settings.http.token_file is None:
                    http_settings = settings.http.model_copy(update={"commands": True})
                    settings = settings.model_copy(update={"http": http_settings})
                commands_off = "" if rig or settings.http.commands else COMMANDS_OFF
                lessons = training(running, settings, commands_off, within(log, "training"))
                leaving.push_async_callback(lessons.close)
                web.start(daemons_site(running, settings, live, reader, lessons, is_loopback(sock), web_log))
                web_log(f"dashboard: {url(sock, bool(tls.cert_file))}")
                opened(url(sock, bool(tls.cert_file)))
            notify("READY=1")
            try:
                yield running
            finally:
                notify("STOPPING=1")
                if web:
                    web.leave()
                await leaving.aclose()  # while the links are still open
