"""Closed sets of words and limits that several screens share: levels, priorities, faults, profiles.

Each is derived from the module that defines it. The browser gets them as a generated module (`sinks/web`).
"""

from pumpmodel.faults import FAULT_KINDS
from pumpmodel.profile import PROFILE_NAMES
from warmflow.level_words import LEVEL_MARKS, LEVEL_WORDS
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, FIELDS

STALE_S = 3  # an older value is not shown as live
LEVELS = LEVEL_WORDS  # by rank
MARKS = LEVEL_MARKS
LIMITS_PERCENT = tuple(round(100 * size) for size in DEFAULT_LIMITS.above.values())  # unless somebody sets others
LIMIT_FIELDS = {
    name: {"label": field.label, "unit": field.unit, "default": field.default, "min": field.least, "max": field.most}
    for name, field in FIELDS.items()
}
PROFILES = tuple(PROFILE_NAMES)
FAULTS = tuple(FAULT_KINDS)
