"""What the daemon tells of itself and does on request: puts roster, settings and requests together for whoever shows
or carries them.

`bridge/info` holds no secret: passwords are left out, not starred.
"""

from typing import Any

from pumplink.schema import PROTOCOL_MAJOR, PROTOCOL_MINOR
from warmflow.alarms.service import Alarms
from warmflow.api import payloads
from warmflow.api.requests import KINDS as REQUESTS
from warmflow.api.requests import NotDone, near, shown
from warmflow.daemon.config import Settings
from warmflow.daemon.config.keys import KEYS
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.alarms import handlers
from warmflow.daemon.handlers.annotations import handlers as annotation_handlers
from warmflow.daemon.handlers.scenarios import Scenarios
from warmflow.daemon.pump_entries import entry
from warmflow.device.link.fleet import Fleet
from warmflow.journal.async_journal import Desk
from warmflow.runtime.utc import utc_text
from warmflow.runtime.wall_clock import Clock
from warmflow.sinks.mqtt.options import Contract
from warmflow.sinks.mqtt.publisher import MqttSink
from warmflow.version import version


def roster(fleet: Fleet) -> list[payloads.PumpEntry]:
    """All pumps, as `bridge/pumps` has them."""
    return [entry(link) for link in fleet.links.values()]


def contract(settings: Settings, fleet: Fleet, answers: Dispatcher, clock: Clock) -> Contract:
    """What the MQTT sink has to know."""
    started = utc_text(clock())
    return Contract(
        version=version(),
        prefix=settings.mqtt.discovery_prefix,
        home_assistant=settings.mqtt.home_assistant,
        commands=settings.mqtt.commands,
        pumps=lambda: roster(fleet),
        info=lambda protocol: info(settings, protocol, started),
        answers=answers,
        clock=clock,
    )


def info(settings: Settings, protocol: str, started: str) -> payloads.Info:
    """What `bridge/info` says."""
    return payloads.Info(
        version=version(),
        protocol=f"{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
        mqtt=protocol,
        since=started,
        commands=settings.mqtt.commands,
        requests=[name for name, kind in REQUESTS.items() if kind.always or settings.mqtt.commands],
        config=public(settings),
        config_schema=type(settings).model_json_schema(),
    )


def public(settings: Settings) -> dict[str, Any]:
    """All settings without what is secret."""
    out: dict[str, Any] = settings.model_dump(mode="json", by_alias=True)
    for key in KEYS.values():
        if key.secret:
            (out[key.section] if key.section else out).pop(key.name, None)
    return out


def serve(
    answers: Dispatcher, fleet: Fleet, sink: MqttSink, alarms: Alarms, desk: Desk, scenarios: Scenarios, clock: Clock
) -> None:
    """Gives the requests that the daemon carries out itself their handlers."""

    def publish(ask: Any) -> dict[str, Any]:
        sink.outbox.everything_again()
        return {}

    def forget(ask: Any) -> dict[str, Any]:
        known = sink.hearing.known()
        if ask.pump not in known:
            raise NotDone(f"{shown(ask.pump)}: no such pump; {near(ask.pump, known)}")
        removed = sink.hearing.forget(ask.pump)
        if ask.pump not in [link.name for link in fleet.links.values()]:
            alarms.forget(ask.pump)
        return {"removed": removed}

    answers.handlers |= {
        "list": lambda ask: {"pumps": roster(fleet)},
        "publish": publish,
        "forget": forget,
        **handlers(alarms),
        **annotation_handlers(desk, lambda: [link.name for link in fleet.links.values() if link.name], clock),
        **scenarios.handlers(),
    }
    answers.told = lambda outcome: sink.outbox.happened(payloads.request_event(outcome, clock()))
