"""Closed sets of words and limits that several screens share: levels, priorities, faults, profiles.

Each is derived from the module that defines it. The browser gets them as a generated module (`sinks/web`).
"""

from pumpmodel.faults import FAULT_KINDS
from pumpmodel.profile import PROFILE_NAMES
from warmflow.level_words import LEVEL_MARKS, LEVEL_WORDS
from warmflow.monitor import Level
from warmflow.monitor.limits import THRESHOLDS

STALE_S = 3  # an older value is not shown as live
LEVELS = LEVEL_WORDS  # by rank
MARKS = LEVEL_MARKS
LIMITS_PERCENT = tuple(round(100 * THRESHOLDS[level]) for level in Level if level in THRESHOLDS)
PROFILES = tuple(PROFILE_NAMES)
FAULTS = tuple(FAULT_KINDS)
