"""The MQTT broker that the daemon uses: the configured one, else mosquitto, else iotcore, started as a child.

A child listens on 127.0.0.1 only, and ends with us. It publishes nothing: the client is `warmflow.sinks.mqtt`.
"""

from warmflow.sinks.mqtt.broker.address import Address, parse_url
from warmflow.sinks.mqtt.broker.errors import BrokerError
from warmflow.sinks.mqtt.broker.model import Broker
from warmflow.sinks.mqtt.broker.server_programs import choose, choose_embedded
from warmflow.sinks.mqtt.broker.supervised import running_broker

__all__ = ["Address", "Broker", "BrokerError", "choose", "choose_embedded", "parse_url", "running_broker"]
