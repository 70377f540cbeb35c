"""What can be set, in sections. The descriptions are the documentation: docs/settings.md is made from them.

It reads no file and no environment. A secret is a SecretStr, so no dump, log line or repr can hold it.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from platformdirs import user_state_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from warmflow.alarms.catalogue import ALARMS, LATCHING
from warmflow.daemon.config.values import (
    as_areas,
    as_list,
    as_text,
    known_alarms,
    known_areas,
    one_line,
    port_names,
    readable_file,
    tls_pair,
    topic,
    web_address,
)
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
        hide_input_in_errors=True,  # a traceback must not show a password that stands where it may not
    )  # fmt: skip


class BrokerSettings(Section):
    """Which MQTT broker, and how to reach it."""

    url: str | None = Field(
        None,
        description="`mqtt://host:port`, `mqtts://host:port` for TLS, or `embedded` for the one that comes with this "
        "program. Default: mosquitto from PATH, started here, else embedded.",
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="Port of a broker that is started here. Default: a free one."
    )
    protocol: Annotated[Literal["5", "3.1.1"], BeforeValidator(as_text)] = Field(
        "5", description="Version of MQTT. 3.1.1 has no message expiry, content type or response topic."
    )
    ca_file: ReadableFile | None = Field(
        None, description="PEM file of the authorities that may sign the broker's certificate. Default: the system's."
    )
    cert_file: ReadableFile | None = Field(
        None, description="PEM file of the daemon's own certificate, for a broker that asks for one."
    )
    key_file: ReadableFile | None = Field(None, description="PEM file of that certificate's key.")
    username: str | None = Field(None, min_length=1, description="User at the broker. Default: nobody in particular.")
    password: SecretStr | None = Field(
        None, description="Password at the broker: by environment only; files and flags are refused."
    )
    password_file: ReadableFile | None = Field(
        None, description="File that holds the password and nothing else. One newline at its end is not part of it."
    )
    keepalive_s: int = Field(10, ge=2, le=3600, description="A lost broker is noticed within this, even when idle.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.url not in (None, EMBEDDED):
            self._fits_url(str(self.url))
        elif self.username or self.ca_file or self.cert_file:
            raise ValueError("username, ca_file and cert_file are for a broker of your own: set url, too")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together: one of them is missing")
        if self.password and self.password_file:
            raise ValueError("the password comes from WARMFLOW_BROKER_PASSWORD and from password_file: keep one")
        if self.secret() and not self.username:
            raise ValueError("a password without a username: set username, too")
        return self

    def secret(self) -> SecretStr | None:
        """The password, wherever it comes from. Raises ValueError for a file that holds none."""
        return self.password if self.password_file is None else SecretStr(one_line("password_file", self.password_file))

    def _fits_url(self, url: str) -> None:
        try:
            address = parse_url(url)
        except BrokerError as error:
            raise ValueError(str(error)) from None
        if address.password is not None:
            raise ValueError(
                "url holds a password, which everybody who sees the process list or the file can read: set username "
                "and password_file, or WARMFLOW_BROKER_PASSWORD"
            )
        if address.username is not None:
            raise ValueError("url holds a user: set username instead")
        if not address.tls and (self.ca_file or self.cert_file):
            raise ValueError(f"ca_file and cert_file need TLS: write mqtts:// in url (it is {address.url})")


class MqttSettings(Section):
    """What is published, and whether commands are heard."""

    base_topic: Annotated[str, AfterValidator(topic)] = Field("warmflow", description="First part of every topic.")
    commands: bool = Field(
        False, description="Obey commands that come over MQTT. Whoever may publish at the broker then moves the pumps."
    )
    home_assistant: bool = Field(False, description="Announce each pump to Home Assistant.")
    discovery_prefix: Annotated[str, AfterValidator(topic)] = Field(
        "homeassistant", description="First part of Home Assistant's discovery topics."
    )


class JournalSettings(Section):
    """The durable log, and how much of it is kept. What goes first is counted."""

    file: Path | None = Field(None, description="File of the durable log. Default: `journal.sqlite` in `state_dir`.")
    raw_days: float = Field(7, gt=0, description="Every reading is kept for so many days on which the daemon runs ...")
    raw_bytes: int = Field(2_000_000_000, ge=1_000_000, description="... unless all of them take more than this.")
    rollup_days: float = Field(366, gt=0, description="Minimum, mean and maximum of seconds and minutes: the same.")


class AlarmSettings(Section):
    """How alarms behave."""

    latching: Annotated[tuple[str, ...], BeforeValidator(as_list), AfterValidator(known_alarms)] = Field(
        LATCHING,
        description="Alarms that stay, when their condition is gone and somebody has acknowledged them, until they are "
        f"unlatched. Known are {', '.join(ALARMS)}.",
    )


class RecordSettings(Section):
    """Raw frames on disk, to be replayed."""

    folder: Path | None = Field(None, description="Record every frame into this folder. Default: nothing is recorded.")


class HttpSettings(Section):
    """The web server: dashboard, `/api`, `/metrics` and `/health`. On 127.0.0.1 it asks nobody who they are; for any
    other address it needs a token.
    """

    listen: Annotated[str | None, AfterValidator(web_address)] = Field(
        None,
        description="`address:port`, or `off`. Default: `127.0.0.1:8080`, or the next port that is free; what is set "
        "here has to be free.",
    )
    commands: bool = Field(False, description="Obey commands from the dashboard and `/api`.")
    token_file: ReadableFile | None = Field(
        None,
        description=f"File with the token that visitors have to know: one line, {TOKEN_MIN} characters or more.",
    )
    cert_file: ReadableFile | None = Field(None, description="PEM file of a certificate: https in place of http.")
    key_file: ReadableFile | None = Field(None, description="PEM file of that certificate's key.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together: one of them is missing")
        if self.cert_file and self.key_file:
            tls_pair(self.cert_file, self.key_file)
        self.token()
        return self

    def token(self) -> SecretStr | None:
        """What visitors have to know. Raises ValueError for a file that holds none."""
        if self.token_file is None:
            return None
        text = one_line("token_file", self.token_file)
        if len(text) < TOKEN_MIN:
            raise ValueError(f"token_file {self.token_file}: {TOKEN_MIN} characters at least: it is a password")
        return SecretStr(text)


class TrainingSettings(Section):
    """The training rig's lessons."""

    lessons: Path | None = Field(
        None,
        description="Folder with lessons of your own, beside those that come with the program; see docs/lessons.md.",
    )
    code_file: ReadableFile | None = Field(
        None,
        description=f"File with the code that makes an instructor of a visitor: one line, {CODE_MIN} characters or "
        "more. Default: a new one at each start, in `instructor-code` beside the journal. Without `http.token_file` "
        "nobody needs it.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.code()
        return self

    def code(self) -> SecretStr | None:
        """What an instructor has to know. Raises ValueError for a file that holds none."""
        if self.code_file is None:
            return None
        text = one_line("code_file", self.code_file)
        if len(text) < CODE_MIN:
            raise ValueError(f"code_file {self.code_file}: {CODE_MIN} characters at least: it is a password")
        return SecretStr(text)


class LogSettings(Section):
    """What the daemon says on stderr."""

    level: Level = Field("info", description="The least that is said: debug, info, warning or error.")
    areas: Annotated[dict[str, Level], BeforeValidator(as_areas), AfterValidator(known_areas)] = Field(
        {},
        description=f'Another level for an area: `{{ link = "debug", http = "warning" }}`. Areas: {", ".join(AREAS)}.',
    )
    json_lines: bool = Field(False, alias="json", description="One JSON object a line, for a program that reads it.")


class Settings(Section):
    """What `warmflow run` does."""

    port: Annotated[tuple[str, ...], BeforeValidator(as_list), AfterValidator(port_names)] = Field(
        (), description="Serial ports: paths, USB serial numbers of Picos, or URLs of pyserial. Default: every Pico."
    )
    state_dir: Path | None = Field(
        None,
        description="Folder for what has to outlive the daemon. A broker that is started here keeps its state there "
        "if this is set. Default: this user's state folder.",
    )
    broker: BrokerSettings = BrokerSettings()
    mqtt: MqttSettings = MqttSettings()
    journal: JournalSettings = JournalSettings()
    alarms: AlarmSettings = AlarmSettings()
    record: RecordSettings = RecordSettings()
    http: HttpSettings = HttpSettings()
    training: TrainingSettings = TrainingSettings()
    log: LogSettings = LogSettings()

    def journal_file(self) -> Path:
        """Where the durable log is."""
        return self.journal.file or (self.state_dir or user_state_path("warmflow")) / "journal.sqlite"

    def secrets(self) -> list[str]:
        """All that must stand in no log."""
        found = (self.broker.secret(), self.http.token(), self.training.code())
        return [one.get_secret_value() for one in found if one]
