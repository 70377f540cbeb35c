"""`warmflow selftest`: the board tests itself, this end tests the link and the clock, a person confirms what blinks.

Three verdicts: pass, FAIL, and "-" for what was not tested, with the reason; only FAIL makes the exit status 1. It
changes no setting and acknowledges no record.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Annotated, Any, NamedTuple

import typer

from pumplink import messages as m
from pumplink.codes import Platform
from warmflow.cli.outputs import OUTPUT
from warmflow.device.link import PumpLink
from warmflow.device.link.json_answer import json_answer
from warmflow.device.link.one_shot import check_port, greeted_link, introduced
from warmflow.device.updates import Reading
from warmflow.hub import Hub
from warmflow.runtime import console
from warmflow.runtime.output_file import STDOUT, descriptor, write_text
from warmflow.runtime.wall_clock import wall_clock

LISTEN_S = 3.0  # board time over which rate and jitter are judged
PINGS = 20
RATE_TOLERANCE = 0.05
JITTER_MS = 2  # p95; the board's clock counts whole milliseconds
VIRTUAL = (Platform.UNIX, Platform.CPYTHON)  # their clock and memory are this computer's: shown, not judged
ROUND_TRIP_MS = 100
QUESTIONS = {  # of what is fitted, to who sits before it
    "led": "Does the LED on the board blink",
    "oled": "Does the display show temperature and flow",
    "drip": "Does the drip LED flash now and then",
    "stepper": "Does the motor turn",
}
FITTED = "fitted"  # the board's result for a part that only a person can check
WORDS = {True: "pass", False: "FAIL", None: "-"}
Ask = Callable[[str], bool | None]


class Verdict(NamedTuple):
    """One line of the table. `passed` is None for what was not tested."""

    name: str
    passed: bool | None
    seen: str


def selftest(
    port: Annotated[str | None, typer.Option(help="Serial port or USB serial number. Default: the only Pico.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--json",
            metavar=OUTPUT,
            help="Also write the results to this file; - prints them.",
        ),
    ] = None,
    no_questions: Annotated[bool, typer.Option("--no-questions", help="Ask no questions, even on a terminal.")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="How long to wait for an answer, s.")] = 10.0,
) -> None:
    """Test a board: sensor, flash, memory, clock, link and fitted parts. Exit status 1 if a test fails."""
    path = check_port(port)
    ask = _ask if console.is_terminal() and not no_questions else lambda question: None
    hello, tests = asyncio.run(_talk(path, timeout_s, ask))
    if report is None or descriptor(report) != descriptor(STDOUT):
        console.say(introduced(hello), *table(tests))
    if report is not None:
        write_text(report, console.json_text(as_json(path, hello, tests, wall_clock())) + "\n")
    raise typer.Exit(1 if any(test.passed is False for test in tests) else 0)


async def _talk(path: str, timeout_s: float, ask: Ask) -> tuple[m.Hello, list[Verdict]]:
    hub = Hub()
    async with greeted_link(path, lambda line: None, timeout_s, hub.publish) as link:
        assert link.hello
        return link.hello, await run_tests(link, hub, timeout_s, ask)


async def run_tests(link: PumpLink, hub: Hub, timeout_s: float, ask: Ask) -> list[Verdict]:
    """All tests, the quiet ones first. Raises CommandError if the board refuses or does not answer."""
    subscriber = hub.subscriber()
    readings: list[m.Telemetry] = []
    assert link.hello
    rate_hz, bad_before = link.hello.rate_hz, _bad_frames(link)
    wanted = max(10, round(LISTEN_S * rate_hz)) + 1
    deadline = time.monotonic() + wanted / rate_hz + timeout_s
    while len(readings) < wanted and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        new = [update.message for update in subscriber.get_all() if isinstance(update, Reading)]
        readings += [message for message in new if not message.backlog]
    tests = [
        _rate(readings, rate_hz),
        _jitter(readings, rate_hz, link.hello.platform),
        await _round_trip(link, timeout_s),
    ]
    tests.append(await _burst(link, timeout_s))
    bad = _bad_frames(link) - bad_before
    tests.append(Verdict("frames", bad == 0, f"{bad} bad frames while testing"))
    answer = await link.command(m.SelfTest, timeout_s)
    board = json_answer(link.name, answer, "what its self-test says", _verdicts)
    await link.command(m.Identify, timeout_s)
    led = Verdict("led", None, FITTED)
    return tests + [_confirmed(test, ask) for test in [*board, led]]


def _verdicts(rows: Any) -> list[Verdict]:
    return [Verdict(str(name), passed, str(seen)) for name, passed, seen in rows]


def _rate(readings: Sequence[m.Telemetry], rate_hz: int) -> Verdict:
    """Readings a second of board time."""
    if len(readings) < 2:
        return Verdict("rate", False, f"no readings received, {rate_hz} Hz expected")
    span_ms = readings[-1].uptime_ms - readings[0].uptime_ms
    seen_hz = 1000 * (readings[-1].sequence - readings[0].sequence) / max(1, span_ms)
    passed = abs(seen_hz - rate_hz) <= RATE_TOLERANCE * rate_hz
    return Verdict("rate", passed, f"{seen_hz:.2f} readings per second, {rate_hz} expected")


def _jitter(readings: Sequence[m.Telemetry], rate_hz: int, platform: int) -> Verdict:
    """How far sampling instants lie from an even grid, by the board's clock; the grid is laid through their median."""
    if len(readings) < 2:
        return Verdict("jitter", None, "no readings received")
    interval_ms = 1000 // rate_hz
    first = readings[0].sequence
    offsets = [message.uptime_ms - interval_ms * (message.sequence - first) for message in readings]
    middle = median(offsets)
    off_ms = sorted(abs(offset - middle) for offset in offsets)
    p95_ms = off_ms[min(len(off_ms) - 1, int(0.95 * len(off_ms)))]
    seen = f"p95 {p95_ms:.0f} ms over {len(readings)} readings, limit {JITTER_MS} ms"
    return Verdict("jitter", None if platform in VIRTUAL else p95_ms <= JITTER_MS, seen)


async def _round_trip(link: PumpLink, timeout_s: float) -> Verdict:
    times_ms = []
    for _ in range(PINGS):
        began_s = time.monotonic()
        await link.command(m.Ping, timeout_s)
        times_ms.append(1000 * (time.monotonic() - began_s))
    middle_ms = median(times_ms)
    seen = f"median {middle_ms:.1f} ms, longest {max(times_ms):.1f} ms of {PINGS} pings, limit {ROUND_TRIP_MS} ms"
    return Verdict("round trip", middle_ms <= ROUND_TRIP_MS, seen)


async def _burst(link: PumpLink, timeout_s: float) -> Verdict:
    """Has the board send all again that it holds, as fast as it can."""
    boot = link.session.boot
    assert boot
    end, before = link.session.expected, link.session.counts["repeated"]
    began_s = time.monotonic()
    await link.command(lambda request: m.ResendFrom(request, boot.boots, boot.random, 1), timeout_s)
    while link.session.counts["repeated"] == before or link.session.expected <= end:
        if time.monotonic() > began_s + timeout_s:
            return Verdict("burst", False, f"no record was sent again within {timeout_s:g} s")
        await asyncio.sleep(0.005)
    took_s = time.monotonic() - began_s
    count = link.session.counts["repeated"] - before
    return Verdict("burst", count > 0, f"{count} records sent again, {count / took_s:.0f} per second")


def _confirmed(test: Verdict, ask: Ask) -> Verdict:
    """The result of a fitted part, as the person at the board sees it; untested if no question can be asked."""
    if test.passed is not None or test.seen != FITTED or test.name not in QUESTIONS:
        return test
    answer = ask(QUESTIONS[test.name])
    return test._replace(passed=answer, seen=f"{FITTED}, {'not asked' if answer is None else 'inspected'}")


def _bad_frames(link: PumpLink) -> int:
    """Words between frames, those of a boot or a prompt, are no bad frame."""
    return sum(count for cause, count in link.wire.decoder.counts.items() if cause in ("crc", "cobs", "oversize"))


def _ask(question: str) -> bool | None:
    answer = console.ask(f"{question}? [y/n, empty: not tested]")
    return {"y": True, "n": False}.get(answer.lower()[:1])


def table(tests: Sequence[Verdict]) -> list[str]:
    """Lines of verdict, name and what was seen; the last one sums up."""
    width = max(len(test.name) for test in tests)
    lines = [f"{WORDS[test.passed]:4}  {test.name:{width}}  {test.seen}" for test in tests]
    failed = [test.name for test in tests if test.passed is False]
    passed = sum(test.passed is True for test in tests)
    return [*lines, f"{passed} passed, " + (f"FAILED: {', '.join(failed)}" if failed else "none failed")]


def as_json(port: str, hello: m.Hello, tests: Sequence[Verdict], at: datetime) -> dict[str, Any]:
    """The report. `passed` is null for what was not tested."""
    return {
        "at_utc": at.isoformat(timespec="seconds"),
        "port": port,
        "board": introduced(hello),
        "board_id": hello.board_id.hex(),
        "passed": not any(test.passed is False for test in tests),
        "tests": [test._asdict() for test in tests],
    }
