"""The MQTT sink of this daemon: its broker as the settings have it, and what it publishes of the daemon itself."""

import secrets
from dataclasses import replace
from datetime import datetime

from warmflow.alarms.updates import AlarmChanged, LimitsChanged
from warmflow.api.requests import KINDS, RequestDispatcher, RequestDone
from warmflow.daemon.bridge_info import info
from warmflow.daemon.config import BrokerSettings, Settings
from warmflow.daemon.pump_entries import roster
from warmflow.device.link.fleet import Fleet
from warmflow.hub import Hub
from warmflow.journal.async_journal import AsyncJournal
from warmflow.runtime.logs import Log
from warmflow.runtime.utc import utc_text
from warmflow.runtime.wall_clock import Clock
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.publisher import MqttSink
from warmflow.version import version

ONCE_ONLY = (AlarmChanged, LimitsChanged, RequestDone)  # no later update replaces one of these


def mqtt_sink(
    settings: Settings,
    broker: Broker,
    hub: Hub,
    async_journal: AsyncJournal,
    fleet: Fleet,
    answers: RequestDispatcher,
    started: datetime,
    clock: Clock,
    log: Log,
) -> MqttSink:
    """A subscriber of the hub."""
    daemon_id = secrets.token_hex(6)
    contract = PublisherOptions(
        version=version(),
        daemon_id=daemon_id,
        prefix=settings.mqtt.discovery_prefix,
        home_assistant=settings.mqtt.home_assistant,
        commands=settings.mqtt.commands,
        pumps=lambda: roster(fleet.links.values()),
        info=lambda protocol: info(settings, protocol, utc_text(started), daemon_id),
        answers=answers,
        requests=tuple(KINDS),
        clock=clock,
    )
    queue = hub.subscriber(name=MqttSink.name, never_drops=ONCE_ONLY)
    return MqttSink(broker, queue, async_journal, log, settings.mqtt.base_topic, contract)


def with_settings(broker: Broker, settings: BrokerSettings) -> Broker:
    """The broker with how it is to be reached; one that was started here asks for nothing."""
    if broker.kind != "configured":
        return replace(broker, keepalive_s=settings.keepalive_s)
    secret = settings.secret()
    return replace(
        broker,
        username=settings.username,
        password=secret.get_secret_value() if secret else None,
        protocol=settings.protocol,
        ca_file=settings.ca_file,
        cert_file=settings.cert_file,
        key_file=settings.key_file,
        keepalive_s=settings.keepalive_s,
    )
