"""Settings of the daemon: models whose descriptions are the documentation, and their loading from file, environment and
flags.
"""

from warmflow.daemon.config.load import ConfigError, Loaded, chosen_file, default_file, journal_file, load
from warmflow.daemon.config.model import (
    EMBEDDED,
    BrokerSettings,
    HttpSettings,
    JournalSettings,
    LogSettings,
    MqttSettings,
    RecordSettings,
    Settings,
)

__all__ = [
    "EMBEDDED",
    "BrokerSettings",
    "ConfigError",
    "HttpSettings",
    "JournalSettings",
    "Loaded",
    "LogSettings",
    "MqttSettings",
    "RecordSettings",
    "Settings",
    "chosen_file",
    "default_file",
    "journal_file",
    "load",
]
