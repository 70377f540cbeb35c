"""What is published stays what it is: each kind of payload, byte by byte, beside what was written down of it.

`info` is left out: it carries the settings and their schema.

`python tests/api/test_payload_bytes.py` writes it down again, after a change that is meant.
"""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from payload_samples import samples

from warmflow.runtime.json_bytes import dump

PUBLISHED = Path(__file__).with_name("published_payloads.txt")


def written() -> str:
    return "".join(f"{kind} {dump(payload).decode()}\n" for kind, payload in samples() if kind != "info")


NOW = written().splitlines()


@pytest.mark.parametrize("line", range(len(NOW)), ids=lambda at: f"{at}-{NOW[at].split()[0]}")
def test_each_payload_has_the_bytes_that_it_had(line: int) -> None:
    was = PUBLISHED.read_text(encoding="utf-8").splitlines()
    assert NOW[line] == was[line]
    json.loads(NOW[line].partition(" ")[2])


def test_nothing_that_was_written_down_is_left_out() -> None:
    assert len(PUBLISHED.read_text(encoding="utf-8").splitlines()) == len(NOW)


if __name__ == "__main__":
    PUBLISHED.write_text(written(), encoding="utf-8")
