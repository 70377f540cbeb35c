"""Checks of single values. The text of a ValueError is shown to the user."""

from pathlib import Path
from typing import Any

from warmflow.alarms.catalogue import ALARMS
from warmflow.api.topic_names import topic_fault
from warmflow.device.identity import name_fault
from warmflow.monitor.pump_limits import FIELDS, fault
from warmflow.runtime.address import split_address
from warmflow.runtime.log_areas import AREAS
from warmflow.runtime.text import did_you_mean, printable
from warmflow.runtime.text_file import SECRET_BYTES, TOML_BYTES, TextFileError, read_bytes, read_text


def as_list(value: Any) -> Any:
    """Reads `a,b` from an environment variable, or a single word, as a list."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def as_text(value: Any) -> Any:
    """Accepts a whole number in place of a text, as in `protocol = 5`."""
    return str(value) if isinstance(value, int) else value


def as_areas(value: Any) -> Any:
    """Reads `link=debug,broker=warning` from an environment variable."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise ValueError("write area=level, separated by commas")
    return {area.strip(): level.strip() for area, _, level in pairs}


def known_areas(areas: dict[str, str]) -> dict[str, str]:
    for name in areas:
        if name not in AREAS:
            raise ValueError(f"{printable(name)}: unknown area; {did_you_mean(name, AREAS)}")
    return areas


def known_alarms(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in ALARMS:
            raise ValueError(f"{printable(name)}: unknown alarm; {did_you_mean(name, ALARMS)}")
    return names


def as_limits(value: Any) -> Any:
    """Reads `rate_low_above_percent=5,dose_low_percent=1` from an environment variable."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise ValueError("write limit=number, separated by commas")
    return {name.strip(): number.strip() for name, _, number in pairs}


def known_limits(values: dict[str, float]) -> dict[str, float]:
    """Refuses unknown names, and levels out of order."""
    for name in values:
        if name not in FIELDS:
            raise ValueError(f"{printable(name)}: unknown limit; {did_you_mean(name, FIELDS)}")
    if why := fault(values):
        raise ValueError(why)
    return values


def pump_names(values: dict[str, Any]) -> dict[str, Any]:
    for name in values:
        if why := name_fault(name):
            raise ValueError(why)
    return values


def port_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuses names that are not text, because they appear in topics, logs and answers."""
    for name in names:
        if "\0" in name or any("\ud800" <= each <= "\udfff" for each in name):
            raise ValueError(f"{name!a}: not valid UTF-8; make a link to the port with a valid name (ln -s)")
    return names


def readable_file(path: Path) -> Path:
    try:
        read_bytes(path, TOML_BYTES)
    except TextFileError as error:
        raise ValueError(str(error)) from None
    return path


def tls_pair(cert_file: Path, key_file: Path) -> None:
    """Loads the certificate and its key as the web server will, without a password prompt."""
    import ssl

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert_file, key_file, password=lambda: "")
    except (ssl.SSLError, ValueError) as error:
        why = getattr(error, "reason", None) or str(error)
        raise ValueError(
            f"cert_file {cert_file} and key_file {key_file}: not a PEM certificate and its key without a "
            f"password ({why})"
        ) from None


def one_line(key: str, path: Path) -> str:
    """The secret in a file; a newline at its end is ignored."""
    try:
        text = read_text(path, SECRET_BYTES).removesuffix("\n")
    except TextFileError as error:
        raise ValueError(f"{key} {error}") from None
    if not text or not text.isprintable() or "\ufffd" in text:
        raise ValueError(f"{key} {path}: the file must contain exactly one line")
    return text


def topic(text: str) -> str:
    """The beginning of topics: valid in MQTT and easy to subscribe to."""
    fault = topic_fault(text)
    faults = {
        fault: bool(fault),
        "it must not begin or end with /": text.startswith("/") or text.endswith("/"),
        "it may contain printable characters only": not text.isprintable(),
        "it is longer than 200 characters": len(text) > 200,
    }
    for fault, found in faults.items():
        if found:
            raise ValueError(f"{text[:40]!r} is not a valid base topic: {fault}")
    return text


def web_address(text: str | None) -> str | None:
    """`address:port` or `off`."""
    if text not in (None, "off"):
        split_address(str(text))
    return text
