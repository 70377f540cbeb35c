"""Runs in MicroPython: `codec_vectors.py VECTORS FOLDER...` reads vectors, one JSON object a line, and prints verdicts.

Prints one line for each vector that fails, then `checked` and the count of each kind. No host module is imported.
"""

import json
import sys

sys.path[:0] = sys.argv[2:]

from pump import codec  # noqa: E402
from pumplink import framing  # noqa: E402


def raw(value):
    """JSON knows no bytes: {"hex": ...} stands for them."""
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def encode(vector):
    payload = getattr(codec, "encode_" + vector["name"])(*[raw(value) for value in vector["values"]])
    assert payload == raw(vector["payload"]), payload
    if "framed" in vector:
        assert framing.frame(payload) == raw(vector["framed"])
        assert framing.unframe(raw(vector["framed"])[1:-1]) == (payload, None)


def refuse(vector):
    error = refusal(getattr(codec, "encode_" + vector["name"]), *[raw(value) for value in vector["values"]])
    assert vector["field"] in error, error


def refusal(function, *values):
    """The words of the CodecError that the call must end with."""
    try:
        function(*values)
    except codec.CodecError as error:
        return str(error)
    raise AssertionError("was taken")


def fraction(vector):
    try:
        getattr(codec, "encode_" + vector["name"])(*vector["values"])
    except (TypeError, codec.CodecError):
        return
    raise AssertionError("was encoded")


def command(vector):
    payload, text = framing.unline(raw(vector["line"]).strip())
    assert (payload, text) == (raw(vector["payload"]), None), text
    assert framing.line(payload) == raw(vector["line"])
    assert codec.decode_command(payload) == (payload[0], vector["values"]), codec.decode_command(payload)


def bad_command(vector):
    error = refusal(codec.decode_command, raw(vector["payload"]))
    assert vector["error"] in error, error


def cobs(vector):
    assert framing.cobs_encode(raw(vector["data"])) == raw(vector["encoded"])
    assert framing.cobs_decode(raw(vector["encoded"])) == raw(vector["data"])


def bad_body(vector):
    result = framing.unframe(raw(vector["body"]))
    assert result == (None, vector["cause"]), result


def bad_line(vector):
    payload, cause = framing.unline(raw(vector["line"]))
    assert payload is None, payload
    assert cause in ("short", "crc", "base64", "oversize"), cause


KINDS = {
    "encode": encode,
    "refuse": refuse,
    "fraction": fraction,
    "command": command,
    "bad_command": bad_command,
    "cobs": cobs,
    "bad_body": bad_body,
    "bad_line": bad_line,
}
counts = {kind: 0 for kind in KINDS}
with open(sys.argv[1]) as vectors:
    for text in vectors:
        vector = json.loads(text)
        counts[vector["kind"]] += 1
        try:
            KINDS[vector["kind"]](vector)
        except Exception as error:
            print("FAILED", repr(error)[:300], text[:300].strip())
print("checked", json.dumps(counts))
