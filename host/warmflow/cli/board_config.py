"""`warmflow config`: reads and changes the settings of a board over the wire.

Only the board knows which values a key allows; its refusal is shown as it is. The defaults in the table are those of
the firmware that comes with this program, read from its source, which is not run.
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
from warmflow.device.identity import RESERVED, name_fault
from warmflow.device.link import ANSWER_S, PumpLink
from warmflow.device.link.json_answer import json_answer
from warmflow.device.link.one_shot import check_port, greeted_link
from warmflow.errors import UserError
from warmflow.runtime import console
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.text import did_you_mean, printable
from warmflow.runtime.text_file import read_text

LONGEST_SETTINGS = 1000  # what one command has room for

app = typer.Typer(help="Read and change the settings of a board.", no_args_is_help=True, rich_markup_mode=None)
Port = Annotated[str | None, typer.Option(help="Serial port, or USB serial number of a Pico. Default: the only Pico.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, help="How long to wait for the board, in seconds.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")]


class Point(StrEnum):
    """Of a two-point calibration, in the order of the wire."""

    LOW = "low"
    HIGH = "high"


class SettingError(UserError):
    """A setting that cannot be sent; the text names its key."""


@app.command("get")
def get_command(
    keys: Annotated[list[str] | None, typer.Argument(help="Names of settings. Default: all.")] = None,
    port: Port = None,
    as_json: AsJson = False,
    timeout_s: Timeout = 10.0,
) -> None:
    """Show the settings of a board, each with its default."""
    config = _with_board(port, timeout_s, get_all)
    if unknown := [key for key in keys or [] if key not in config]:
        raise SettingError(f"{unknown[0]}: unknown setting; {did_you_mean(unknown[0], sorted(config))}")
    shown = {key: config[key] for key in keys or config}
    console.say_json(shown) if as_json else console.say(*table(shown, defaults()))


@app.command("set")
def set_command(
    settings: Annotated[
        list[str], typer.Argument(help="KEY=VALUE, for example rate_hz=20 or 'pins={\"one_wire\": 22}'.")
    ],
    port: Port = None,
    timeout_s: Timeout = 10.0,
) -> None:
    """Change settings of a board. The board checks all of them before it changes any."""
    pairs = [split(setting) for setting in settings]
    if (name := dict(pairs).get("rig_name")) in RESERVED:
        raise SettingError(f"rig_name: {name_fault(str(name))}")

    async def change(link: PumpLink, answer_s: float) -> dict[str, Any]:
        given = typed(dict(pairs), await get_all(link, answer_s))
        text = json.dumps(given)
        if len(text.encode()) > LONGEST_SETTINGS:
            raise SettingError(
                f"{', '.join(given)}: {len(text)} characters are too many for one command; set fewer at once"
            )
        await link.command(lambda request: m.SetConfig(request, text), answer_s)
        config = await get_all(link, answer_s)
        return {key: config[key] for key in given}

    console.say(*table(_with_board(port, timeout_s, change), defaults()))


@app.command("reset")
def reset_command(port: Port = None, timeout_s: Timeout = 10.0) -> None:
    """Reset all settings of a board to their defaults."""

    async def reset(link: PumpLink, answer_s: float) -> dict[str, Any]:
        await link.command(m.ResetConfig, answer_s)
        return await get_all(link, answer_s)

    console.say(*table(_with_board(port, timeout_s, reset), defaults()))


@app.command("calibrate")
def calibrate_command(
    point: Annotated[Point, typer.Argument(help="Which of the two points. `high` must be at least 5 °C above `low`.")],
    true_c: Annotated[float, typer.Argument(metavar="DEGC", help="True temperature of the water, °C.")],
    port: Port = None,
    timeout_s: Timeout = 10.0,
) -> None:
    """Calibrate the probe at one point: give the true temperature of the water it is in. The board stores it."""

    async def calibrate(link: PumpLink, answer_s: float) -> dict[str, Any]:
        number, true_mc = list(Point).index(point), round(1000 * true_c)
        await link.command(lambda request: m.Calibrate(request, number, true_mc), answer_s)
        return {"calibration": (await get_all(link, answer_s))["calibration"]}

    console.say(*table(_with_board(port, timeout_s, calibrate), defaults()))


async def get_all(link: PumpLink, answer_s: float = ANSWER_S) -> dict[str, Any]:
    """Every key and its value, in the order of the defaults. Raises CommandError."""
    answer = await link.command(lambda request: m.GetConfig(request, ""), answer_s)
    config = json_answer(link.name, answer, "its settings", dict[str, Any])
    order = {key: at for at, key in enumerate(defaults())}
    return {key: config[key] for key in sorted(config, key=lambda key: (order.get(key, len(order)), key))}


def split(setting: str) -> tuple[str, str]:
    """Key and value as they were typed. Raises SettingError."""
    key, sign, value = setting.partition("=")
    if not sign or not key:
        raise SettingError(f"{setting}: write KEY=VALUE, for example rate_hz=20")
    return key.strip(), value.strip()


def typed(given: Mapping[str, str], now: Mapping[str, Any]) -> dict[str, Any]:
    """The values in their JSON types. Text stays text if the board's value is text. Anything that is not JSON is sent
    unchanged, and the board refuses it.
    """
    return {key: value if isinstance(now.get(key), str) else _json_or_text(value) for key, value in given.items()}


def defaults() -> dict[str, Any]:
    """The defaults of this program's firmware; empty if its source does not say them plainly."""
    tree = ast.parse(read_text(firmware_files()["pump/config.py"]))
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["DEFAULTS"]:
            try:
                found: dict[str, Any] = ast.literal_eval(node.value)
                return found
            except ValueError:
                break
    return {}


def table(config: Mapping[str, Any], usual: Mapping[str, Any]) -> list[str]:
    """Lines of key, value, default; a star marks what is not the default."""
    rows = [("", "key", "value", "default")]
    for key, value in config.items():
        known = key in usual
        mark = "*" if known and value != usual[key] else ""
        rows.append((mark, printable(key), _shown(value), _shown(usual[key]) if known else "?"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [_line(row, widths) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _shown(value: Any) -> str:
    return printable(value) or '""' if isinstance(value, str) else json.dumps(value)


def _json_or_text(value: str) -> Any:
    try:
        return parse_json(value)
    except ValueError:
        return value


def _with_board(port: str | None, timeout_s: float, work: Callable[[PumpLink, float], Any]) -> dict[str, Any]:
    path = check_port(port)

    async def talk() -> dict[str, Any]:
        async with greeted_link(path, lambda line: None, timeout_s) as link:
            answer: dict[str, Any] = await work(link, timeout_s)
            return answer

    return asyncio.run(talk())
