"""`warmflow config`: the settings that a board keeps, read and changed over the wire.

What a key allows only the board knows: its refusal is shown in its own words. The defaults in the table are those of
this program's firmware, read from its source and not run.
"""

import ast
import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from pumplink import messages as m
from warmflow.device.firmware.files import firmware_files
from warmflow.device.link import ANSWER_S, PumpLink
from warmflow.device.link.one_shot import check_port, greeted_link
from warmflow.errors import UserError
from warmflow.runtime.text import did_you_mean

LONGEST_SETTINGS = 1000  # what one command has room for

app = typer.Typer(help="Read and change the settings on a board.", no_args_is_help=True, rich_markup_mode=None)
Port = Annotated[
    str | None, typer.Option(help="Serial port: a path, or a Pico's USB serial number. Default: the only Pico.")
]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, help="How long to wait for the board, in seconds.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for a program in place of the table.")]


class Point(StrEnum):
    """Of a two-point calibration, in the order of the wire."""

    LOW = "low"
    HIGH = "high"


class SettingError(UserError):
    """A setting that can not be sent; the text names its key."""


@app.command("get")
def get_command(
    keys: Annotated[list[str] | None, typer.Argument(help="Keys. Default: all.")] = None,
    port: Port = None,
    as_json: AsJson = False,
    timeout_s: Timeout = 10.0,
) -> None:
    """Show settings, each with its default."""
    config = _with_board(port, timeout_s, get_all)
    if unknown := [key for key in keys or [] if key not in config]:
        raise SettingError(f"{unknown[0]}: unknown key; {did_you_mean(unknown[0], sorted(config))}")
    shown = {key: config[key] for key in keys or config}
    typer.echo(json.dumps(shown, indent=2) if as_json else table(shown, defaults()))


@app.command("set")
def set_command(
    settings: Annotated[list[str], typer.Argument(help="KEY=VALUE, as rate_hz=20 or 'pins={\"one_wire\": 22}'.")],
    port: Port = None,
    timeout_s: Timeout = 10.0,
) -> None:
    """Change settings; the board checks all of them before it takes any."""
    pairs = [split(setting) for setting in settings]

    async def change(link: PumpLink, answer_s: float) -> dict[str, Any]:
        given = typed(dict(pairs), await get_all(link, answer_s))
        text = json.dumps(given)
        if len(text.encode()) > LONGEST_SETTINGS:
            raise SettingError(f"{', '.join(given)}: {len(text)} characters are too many at once: set fewer keys")
        await link.command(lambda request: m.SetConfig(request, text), answer_s)
        config = await get_all(link, answer_s)
        return {key: config[key] for key in given}

    typer.echo(table(_with_board(port, timeout_s, change), defaults()))


@app.command("reset")
def reset_command(port: Port = None, timeout_s: Timeout = 10.0) -> None:
    """Put every setting back to its default."""

    async def reset(link: PumpLink, answer_s: float) -> dict[str, Any]:
        await link.command(m.ResetConfig, answer_s)
        return await get_all(link, answer_s)

    typer.echo(table(_with_board(port, timeout_s, reset), defaults()))


@app.command("calibrate")
def calibrate_command(
    point: Annotated[Point, typer.Argument(help="Which of the two points; `high` at least 5 degC above `low`.")],
    true_c: Annotated[float, typer.Argument(metavar="DEGC", help="What the water has, by a thermometer you trust.")],
    port: Port = None,
    timeout_s: Timeout = 10.0,
) -> None:
    """Say what the water has that the probe is in now; the board keeps it for that kind of probe."""

    async def calibrate(link: PumpLink, answer_s: float) -> dict[str, Any]:
        number, true_mc = list(Point).index(point), round(1000 * true_c)
        await link.command(lambda request: m.Calibrate(request, number, true_mc), answer_s)
        return {"calibration": (await get_all(link, answer_s))["calibration"]}

    typer.echo(table(_with_board(port, timeout_s, calibrate), defaults()))


async def get_all(link: PumpLink, answer_s: float = ANSWER_S) -> dict[str, Any]:
    """Every key and its value, in the order of the defaults. Raises CommandError."""
    answer = await link.command(lambda request: m.GetConfig(request, ""), answer_s)
    config: dict[str, Any] = json.loads(answer.text)
    order = {key: at for at, key in enumerate(defaults())}
    return {key: config[key] for key in sorted(config, key=lambda key: (order.get(key, len(order)), key))}


def split(setting: str) -> tuple[str, str]:
    """Key and value as they were typed. Raises SettingError."""
    key, sign, value = setting.partition("=")
    if not sign or not key:
        raise SettingError(f"{setting}: write KEY=VALUE, as in rate_hz=20")
    return key.strip(), value.strip()


def typed(given: Mapping[str, str], now: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON has them. Words stay words where the board holds words; what is no JSON goes as it is, for
    the board to refuse it.
    """
    return {key: value if isinstance(now.get(key), str) else _json_or_text(value) for key, value in given.items()}


def defaults() -> dict[str, Any]:
    """The defaults of this program's firmware; empty if its source does not say them plainly."""
    tree = ast.parse(firmware_files()["pump/config.py"].read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["DEFAULTS"]:
            try:
                found: dict[str, Any] = ast.literal_eval(node.value)
                return found
            except ValueError:
                break
    return {}


def table(config: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    """Lines of key, value, default; a star marks what is not the default."""
    rows = [("", "key", "value", "default")]
    for key, value in config.items():
        known = key in usual
        mark = "*" if known and value != usual[key] else ""
        rows.append((mark, key, _shown(value), _shown(usual[key]) if known else "?"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _shown(value: Any) -> str:
    return value or '""' if isinstance(value, str) else json.dumps(value)


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _with_board(port: str | None, timeout_s: float, work: Callable[[PumpLink, float], Any]) -> dict[str, Any]:
    path = check_port(port)

    async def talk() -> dict[str, Any]:
        async with greeted_link(path, lambda line: None, timeout_s) as link:
            answer: dict[str, Any] = await work(link, timeout_s)
            return answer

    return asyncio.run(talk())
