"""All settings, by section. docs/settings.md is generated from the descriptions.

This module reads no file and no environment. Secrets are SecretStr, so no dump, log line or repr can contain them.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from platformdirs import user_state_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from warmflow.alarms.catalogue import ALARMS, LATCHING
from warmflow.daemon.config.values import (
    as_areas,
    as_limits,
    as_list,
    as_text,
    known_alarms,
    known_areas,
    known_limits,
    one_line,
    port_names,
    pump_names,
    readable_file,
    tls_pair,
    topic,
    web_address,
)
from warmflow.monitor.pump_limits import FIELDS
from warmflow.runtime.log_areas import AREAS
from warmflow.sinks.mqtt.broker.address import parse_url
from warmflow.sinks.mqtt.broker.errors import BrokerError

EMBEDDED = "embedded"
TOKEN_MIN = 16
CODE_MIN = 8
Level = Literal["debug", "info", "warning", "error"]
ReadableFile = Annotated[Path, AfterValidator(readable_file)]


class Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, allow_inf_nan=False,
        hide_input_in_errors=True,  # a traceback must not show a password that was put into the wrong key
    )  # fmt: skip


class BrokerSettings(Section):
    """Which MQTT broker, and how to reach it."""

    url: str | None = Field(
        None,
        description="`mqtt://host:port`, `mqtts://host:port` for TLS, or `embedded` for the broker that comes with "
        "warmflow. Default: the daemon starts mosquitto if it is installed, otherwise the embedded broker.",
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="Port of a broker that the daemon starts. Default: a free port."
    )
    protocol: Annotated[Literal["5", "3.1.1"], BeforeValidator(as_text)] = Field(
        "5", description="MQTT version. 3.1.1 has no message expiry, content type or response topic."
    )
    ca_file: ReadableFile | None = Field(
        None, description="PEM file of the certificate authorities to trust. Default: those of the system."
    )
    cert_file: ReadableFile | None = Field(
        None, description="PEM file of the daemon's client certificate, for a broker that requires one."
    )
    key_file: ReadableFile | None = Field(None, description="PEM file of the key of `cert_file`.")
    username: str | None = Field(None, min_length=1, description="User name at the broker. Default: none.")
    password: SecretStr | None = Field(
        None, description="Password at the broker. Accepted from the environment variable only."
    )
    password_file: ReadableFile | None = Field(
        None, description="File that contains only the password. A newline at its end is ignored."
    )
    keepalive_s: int = Field(
        10, ge=2, le=3600, description="A lost connection is noticed within this time, even when idle."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.url not in (None, EMBEDDED):
            self._fits_url(str(self.url))
        elif self.username or self.ca_file or self.cert_file:
            raise ValueError("username, ca_file and cert_file need your own broker: set url as well")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together: one of them is missing")
        if self.password and self.password_file:
            raise ValueError("both WARMFLOW_BROKER_PASSWORD and password_file are set: use one of them")
        if self.secret() and not self.username:
            raise ValueError("password without username: set username as well")
        return self

    def secret(self) -> SecretStr | None:
        """The password, from either source. Raises ValueError for a file without one."""
        return self.password if self.password_file is None else SecretStr(one_line("password_file", self.password_file))

    def _fits_url(self, url: str) -> None:
        try:
            address = parse_url(url)
        except BrokerError as error:
            raise ValueError(str(error)) from None
        if address.password is not None:
            raise ValueError(
                "url contains a password, which others can read in the process list or the file; set username and "
                "password_file, or WARMFLOW_BROKER_PASSWORD"
            )
        if address.username is not None:
            raise ValueError("url contains a user name: set username instead")
        if not address.tls and (self.ca_file or self.cert_file):
            raise ValueError(f"ca_file and cert_file need TLS: use mqtts:// in url (it is {address.url})")


class MqttSettings(Section):
    """Topics, commands and Home Assistant."""

    base_topic: Annotated[str, AfterValidator(topic)] = Field("warmflow", description="The beginning of every topic.")
    commands: bool = Field(
        False,
        description="Allow commands over MQTT. Every client that may publish at the broker can then control the pumps.",
    )
    home_assistant: bool = Field(False, description="Announce each pump to Home Assistant.")
    discovery_prefix: Annotated[str, AfterValidator(topic)] = Field(
        "homeassistant", description="The beginning of Home Assistant's discovery topics."
    )


class JournalSettings(Section):
    """The durable log and its limits. Removed records are counted."""

    file: Path | None = Field(None, description="File of the durable log. Default: `journal.sqlite` in `state_dir`.")
    raw_days: float = Field(7, gt=0, description="Readings are removed after this many days of running time ...")
    raw_bytes: int = Field(
        2_000_000_000,
        ge=1_000_000,
        description="... or earlier, oldest first, if all readings together exceed this size.",
    )
    rollup_days: float = Field(
        366, gt=0, description="Roll-ups by second and minute are removed after this many days of running time."
    )


class AlarmSettings(Section):
    """How alarms behave."""

    latching: Annotated[tuple[str, ...], BeforeValidator(as_list), AfterValidator(known_alarms)] = Field(
        LATCHING,
        description="Alarms that stay until they are unlatched, even if the condition has ended and the alarm is "
        "acknowledged. "
        f"Choose from {', '.join(ALARMS)}.",
    )


class LimitSettings(Section):
    """Limits of flow, dose and reservoir. What people set while the daemon runs goes before these, and limits of one
    pump go before those of all pumps.
    """

    default: Annotated[dict[str, float], BeforeValidator(as_limits), AfterValidator(known_limits)] = Field(
        {},
        description="Limits of all pumps: `{ rate_low_above_percent = 5, rate_low_below_percent = 5 }`. "
        f"Names: {', '.join(FIELDS)}.",
    )
    pumps: Annotated[dict[str, dict[str, float]], AfterValidator(pump_names)] = Field(
        {}, description="Limits of single pumps by name: `{ rig-a = { dose_low_percent = 1 } }`."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for pump, values in self.pumps.items():
            try:
                known_limits({**self.default, **values})
            except ValueError as error:
                raise ValueError(f"pumps.{pump}: {error}") from None
        return self


class RecordSettings(Section):
    """Recordings of raw frames, for replay."""

    folder: Path | None = Field(None, description="Folder for recordings. Default: no recording.")


class HttpSettings(Section):
    """The web server: dashboard, `/api`, `/metrics` and `/health`. On 127.0.0.1 it needs no token; any other address
    does.
    """

    listen: Annotated[str | None, AfterValidator(web_address)] = Field(
        None,
        description="`address:port`, or `off`. Default: `127.0.0.1:8080`, or the next free port. An address that is "
        "set here "
        "must be free.",
    )
    commands: bool = Field(False, description="Allow commands from the dashboard and `/api`.")
    token_file: ReadableFile | None = Field(
        None,
        description=f"File with the access token: one line of at least {TOKEN_MIN} characters.",
    )
    cert_file: ReadableFile | None = Field(None, description="PEM file of a certificate, for https.")
    key_file: ReadableFile | None = Field(None, description="PEM file of the key of `cert_file`.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together: one of them is missing")
        if self.cert_file and self.key_file:
            tls_pair(self.cert_file, self.key_file)
        self.token()
        return self

    def token(self) -> SecretStr | None:
        """The access token. Raises ValueError for a file without one."""
        if self.token_file is None:
            return None
        text = one_line("token_file", self.token_file)
        if len(text) < TOKEN_MIN:
            raise ValueError(f"token_file {self.token_file}: the token must have at least {TOKEN_MIN} characters")
        return SecretStr(text)


class TrainingSettings(Section):
    """Lessons and the training page."""

    lessons: Path | None = Field(
        None,
        description="Folder with your own lessons, in addition to the supplied ones; see docs/lessons.md.",
    )
    code_file: ReadableFile | None = Field(
        None,
        description=f"File with the instructor's code: one line of at least {CODE_MIN} characters. Default: a new code "
        "at each start, in `instructor-code` beside the journal. Not needed without `http.token_file`.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.code()
        return self

    def code(self) -> SecretStr | None:
        """The instructor's code. Raises ValueError for a file without one."""
        if self.code_file is None:
            return None
        text = one_line("code_file", self.code_file)
        if len(text) < CODE_MIN:
            raise ValueError(f"code_file {self.code_file}: the code must have at least {CODE_MIN} characters")
        return SecretStr(text)


class LogSettings(Section):
    """The daemon's log on stderr."""

    level: Level = Field("info", description="Lowest level that is logged: debug, info, warning or error.")
    areas: Annotated[dict[str, Level], BeforeValidator(as_areas), AfterValidator(known_areas)] = Field(
        {},
        description=f'Levels for single areas: `{{ link = "debug", http = "warning" }}`. Areas: {", ".join(AREAS)}.',
    )
    json_lines: bool = Field(False, alias="json", description="Log one JSON object per line, for programs.")


class Settings(Section):
    """All settings of `warmflow run`."""

    port: Annotated[tuple[str, ...], BeforeValidator(as_list), AfterValidator(port_names)] = Field(
        (), description="Serial ports: paths, USB serial numbers of Picos, or pyserial URLs. Default: every Pico."
    )
    state_dir: Path | None = Field(
        None,
        description="Folder for the journal and other persistent files. A broker that the daemon starts stores its "
        "state "
        "there only if this is set. Default: the state folder of the user.",
    )
    broker: BrokerSettings = BrokerSettings()
    mqtt: MqttSettings = MqttSettings()
    journal: JournalSettings = JournalSettings()
    alarms: AlarmSettings = AlarmSettings()
    limits: LimitSettings = LimitSettings()
    record: RecordSettings = RecordSettings()
    http: HttpSettings = HttpSettings()
    training: TrainingSettings = TrainingSettings()
    log: LogSettings = LogSettings()

    def journal_file(self) -> Path:
        """Path of the durable log."""
        return self.journal.file or (self.state_dir or user_state_path("warmflow")) / "journal.sqlite"

    def secrets(self) -> list[str]:
        """All secrets; none of them may appear in a log."""
        found = (self.broker.secret(), self.http.token(), self.training.code())
        return [one.get_secret_value() for one in found if one]
