"""Commands from the host: decoded, checked, carried out, answered. One table says which command does what.

What the wire defines and this firmware does not do yet is answered "not supported"; nothing is silently ignored.
"""

import json
from struct import unpack_from

from pump import codec, config
from pump.declared import FAULTS
from pump.utf8 import clean

REFUSAL_BYTES = 600  # of its words
MAX_DURATION_S = 366 * 86400
MAX_MUTE_S = 3600


class Refused(Exception):
    """A command that is not carried out: error code and words for the person who sent it."""

    def __init__(self, error, text):
        super().__init__(text)
        self.error = error
        self.text = text


def execute(app, payload):
    """Carries a command out and answers it. Never raises for what a host may send."""
    kind = payload[0]
    at = codec.REQUEST_ID_AT  # read here, for the answer to a command that cannot be decoded
    request_id = unpack_from("<H", payload, at)[0] if len(payload) > at + 1 else 0
    once = request_id and kind in codec.ONCE
    known = app.answers.find(payload) if once else None
    if known:
        app.link.send(known)
        return
    try:
        text = _carry_out(app, kind, payload)
        answer = codec.encode_ack(request_id, kind, app.uptime_ms(), text)
    except Refused as refused:
        return _refuse(app, request_id, kind, refused.error, refused.text)
    except codec.CodecError as error:
        return _refuse(app, request_id, kind, codec.ERROR_CODE_BAD_LENGTH, str(error))
    except ValueError as error:  # the model's own limits, in its words
        return _refuse(app, request_id, kind, codec.ERROR_CODE_BAD_VALUE, str(error))
    except OSError as error:
        app.guard.failed("commands", error)
        return _refuse(app, request_id, kind, codec.ERROR_CODE_STORAGE, "the flash refused: %r" % error)
    except Exception as error:
        app.guard.failed("commands", error)
        return _refuse(app, request_id, kind, codec.ERROR_CODE_INTERNAL, repr(error))
    app.commands_ok += 1
    if once:
        app.answers.keep(payload, answer)
    if request_id:
        app.link.send(answer)


def _carry_out(app, kind, payload):
    if kind not in codec.COMMANDS:
        raise Refused(codec.ERROR_CODE_UNKNOWN_COMMAND, "unknown command type 0x%02X" % kind)
    handler = HANDLERS.get(codec.COMMANDS[kind].split()[0])
    if handler is None:
        raise Refused(codec.ERROR_CODE_NOT_SUPPORTED, "this firmware does not do that yet")
    return handler(app, codec.decode_command(payload)[1]) or ""


def _refuse(app, request_id, kind, error, text):
    app.link.send(codec.encode_nack(request_id, kind, error, clean(text, REFUSAL_BYTES)))


def _bad(text):
    return Refused(codec.ERROR_CODE_BAD_VALUE, text)


def _this_boot(do):
    """What is done only if the command means this boot."""

    def handler(app, fields):
        if (fields["boot_count"], fields["boot_random"]) != app.boot:
            raise Refused(codec.ERROR_CODE_WRONG_BOOT, "this is boot %d" % app.boot[0])
        return do(app, fields)

    return handler


def _ack_through(app, fields):
    through = app.link.sent_through()
    if fields["sequence"] > through:
        raise _bad("sequence: at most %d, the last that was sent" % through)
    app.link.acknowledge(fields["sequence"])
    app.diary.heard(app.uptime_ms())


def _ack_summaries(app, fields):
    through = app.diary.shelf.sent
    if fields["minute"] > through:
        raise _bad("minute: at most %d, the last that was sent" % through)
    app.diary.shelf.release(fields["minute"])


def _hello_request(app, fields):
    app.answers.begin(fields["session"])
    app.send_hello()


def get_config(app, fields):
    key = fields["key"]
    if key and key not in app.config:
        raise Refused(codec.ERROR_CODE_UNKNOWN_KEY, "%s: unknown key" % key)
    return json.dumps({key: app.config[key]} if key else app.config)


def set_config(app, fields):
    try:
        given = json.loads(fields["settings"])
        items = list(given.items())
    except (ValueError, AttributeError):
        raise _bad("settings: not a JSON object")
    for key, value in items:
        problem = config.check(key, value)
        if problem:
            raise Refused(
                codec.ERROR_CODE_BAD_VALUE if key in config.DEFAULTS else codec.ERROR_CODE_UNKNOWN_KEY,
                "%s: %s" % (key, problem),
            )
    _refuse_speed(app, given)
    app.configure(given)


def _refuse_speed(app, given):
    if "speed_x" in given or "sensor" in given:
        problem = app.speed_problem(given)
        if problem:
            raise _bad("%s: %s" % ("speed_x", problem))


def _volume(do):
    """What the model has against a volume, by the name that it has on the wire."""

    def handler(app, fields):
        try:
            do(app)(fields["volume_nl"])
        except ValueError as error:
            raise _bad("volume_nl: %s" % error)

    return handler


def _set(key, field, event):
    def handler(app, fields):
        value = fields[field]
        problem = config.check(key, value)
        if problem:
            raise _bad("%s: %s" % (field, problem))
        _refuse_speed(app, {key: value})
        app.configure({key: value}, event, value if isinstance(value, int) else 0)

    return handler


def set_fluid(app, fields):
    name = {codec.FLUID_DRUG: "drug", codec.FLUID_SALINE: "saline", codec.FLUID_GLYCEROL: "glycerol"}.get(
        fields["fluid"]
    )
    if name is None:
        raise _bad("fluid: 1 drug, 2 saline or 3 glycerol")
    problem = config.check("glycerol_permille", fields["glycerol_permille"])
    if problem:
        raise _bad("glycerol_permille: " + problem)
    given = {"fluid": name, "glycerol_permille": fields["glycerol_permille"] if name == "glycerol" else 0}
    app.configure(given, codec.EVENT_CODE_FLUID_SET, fields["fluid"])


def _scaled(value, low, high, scale, name):
    if value is None:
        return None
    if not low <= value / scale <= high:
        raise _bad("%s: from %g to %g" % (name, low * scale, high * scale))
    return value / scale


def _set_environment(app, fields):
    if fields["duration_s"] > MAX_DURATION_S:
        raise _bad("duration_s: at most %d" % MAX_DURATION_S)
    wanted = [fields[name] for name in ("skin_mc", "core_mc", "ambient_pa", "outlet_pa")]
    if fields["duration_s"] and wanted == [None] * 4:
        raise _bad("skin_mc, core_mc, ambient_pa, outlet_pa: at least one is needed")
    app.expose(
        fields["duration_s"],
        _scaled(fields["skin_mc"], 0, 50, 1000, "skin_mc"),
        _scaled(fields["core_mc"], 30, 45, 1000, "core_mc"),
        _scaled(fields["ambient_pa"], 20, 1000, 1000, "ambient_pa"),
        _scaled(fields["outlet_pa"], 0, 60, 1000, "outlet_pa"),
    )


def _inject_fault(app, fields):
    fault, magnitude = fields["fault"], fields["magnitude_permille"]
    if fault != codec.FAULT_NONE and fault not in FAULTS:
        raise _bad("fault: 0 (none) or one of %s" % sorted(FAULTS))
    if magnitude > 1000:
        raise _bad("magnitude_permille: 0 to 1000")
    if fault and not 1 <= fields["duration_s"] <= MAX_DURATION_S:
        raise _bad("duration_s: 1 to %d" % MAX_DURATION_S)
    app.fault(fault, magnitude / 1000, fields["duration_s"])


def calibrate(app, fields):
    if app.probe.code == codec.SENSOR_EMULATED:
        raise Refused(codec.ERROR_CODE_NOT_SUPPORTED, "the probe is emulated: there is nothing to calibrate")
    if fields["point"] > 1:
        raise _bad("point: 0 (lower) or 1 (upper)")
    try:
        app.calibrate("high" if fields["point"] else "low", fields["reference_mc"])
    except ValueError as error:
        raise _bad("reference_mc: %s" % error)


def mute(app, fields):
    buzzer = app.fittings.buzzer
    if buzzer is None:
        raise Refused(codec.ERROR_CODE_NOT_SUPPORTED, "no buzzer: wire one and set buzzer to true")
    if fields["duration_s"] > MAX_MUTE_S:
        raise _bad("duration_s: at most %d" % MAX_MUTE_S)
    buzzer.mute(app.uptime_ms() + fields["duration_s"] * 1000)


def self_test(app, fields):
    from pump import selftest  # loaded only where it is asked for: memory

    return selftest.report(app)


def identify(app, fields):
    app.identify()


def get_schema(app, fields):
    from pump import schema  # loaded only where it is asked for: memory

    return schema.page(app.config, fields["first"])


def reset(app, fields):
    if fields["totals"] > 1:
        raise _bad("totals: 0 or 1")
    app.restart(fields["totals"] == 1)


HANDLERS = {  # the functions of short commands bear their names: MicroPython holds these words anyway
    "hello_request": _hello_request,
    "ack_through": _this_boot(_ack_through),
    "resend_from": _this_boot(lambda app, fields: app.link.rewind(max(1, fields["sequence"]))),
    "request_summaries": _this_boot(lambda app, fields: str(app.diary.shelf.seek(fields["minute"]))),
    "ack_summaries": _this_boot(_ack_summaries),
    "ping": lambda app, fields: None,
    "get_config": get_config,
    "set_config": set_config,
    "get_schema": get_schema,
    "reset_config": lambda app, fields: app.configure(config.DEFAULTS),
    "set_rate": _set("rate_hz", "rate_hz", codec.EVENT_CODE_RATE_SET),
    "set_speed": _set("speed_x", "speed_x", codec.EVENT_CODE_SPEED_SET),
    "set_profile": _set("profile", "profile", codec.EVENT_CODE_PROFILE_SET),
    "set_fluid": set_fluid,
    "set_environment": _set_environment,
    "inject_fault": _inject_fault,
    "refill": _volume(lambda app: app.refill),
    "withdraw": _volume(lambda app: app.withdraw),
    "flush": _volume(lambda app: app.flush),
    "calibrate": calibrate,
    "mute": mute,
    "self_test": self_test,
    "identify": identify,
    "reset": reset,
}
