"""Two points of a probe: what it read, and what was true. One point shifts, two points shift and stretch.

Refused: points that no sound probe would need, or that lie too close to each other to give a slope.
"""

from micropython import const

LOW, HIGH = "low", "high"
_MOST_OFF_MC = const(5000)
_LEAST_APART_MC = const(5000)
GAIN = (0.9, 1.1)
RANGE_MC = (-20000, 110000)


def _point_problem(point):
    if not isinstance(point, (list, tuple)) or len(point) != 2 or not all(type(mc) is int for mc in point):
        return "a point is [what it read, what was true] in milli-degC"
    raw_mc, true_mc = point
    if not RANGE_MC[0] <= true_mc <= RANGE_MC[1]:
        return "the true temperature is from %d to %d degC" % (RANGE_MC[0] // 1000, RANGE_MC[1] // 1000)
    if abs(raw_mc - true_mc) > _MOST_OFF_MC:
        return "the probe reads %.2f degC: more than %d degC off, so something else is wrong" % (
            raw_mc / 1000,
            _MOST_OFF_MC // 1000,
        )
    return None


def problem(calibration):
    """None for a sound one, else what is wrong, in words. {} is none at all."""
    if not isinstance(calibration, dict):
        return "an object with sensor, low, high"
    for key in calibration:
        if key not in ("sensor", LOW, HIGH):
            return key + ": unknown; known are sensor, low, high"
    for key in (LOW, HIGH):
        if key in calibration:
            wrong = _point_problem(calibration[key])
            if wrong:
                return "%s: %s" % (key, wrong)
    if LOW in calibration and HIGH in calibration:
        apart_mc = calibration[HIGH][1] - calibration[LOW][1]
        if apart_mc < _LEAST_APART_MC:
            return "the upper point must be at least %d degC above the lower one" % (_LEAST_APART_MC // 1000)
        if not GAIN[0] * (calibration[HIGH][0] - calibration[LOW][0]) <= apart_mc:
            return "slope of less than %g" % GAIN[0]
        if apart_mc > GAIN[1] * (calibration[HIGH][0] - calibration[LOW][0]):
            return "slope of more than %g" % GAIN[1]
    return None


def line(calibration, sensor):
    """(gain, offset in degC): true = gain * read + offset. For another sensor than the calibrated one it is (1, 0)."""
    low, high = calibration.get(LOW), calibration.get(HIGH)
    if calibration.get("sensor") != sensor or not (low or high):
        return 1.0, 0.0
    if low and high:
        gain = (high[1] - low[1]) / (high[0] - low[0])
        return gain, (low[1] - gain * low[0]) / 1000
    raw_mc, true_mc = low or high
    return 1.0, (true_mc - raw_mc) / 1000
