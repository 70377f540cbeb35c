"""The stage of a daemon: one lesson at a time, before everybody who looks. The only part of the training with a clock.

What a lesson is and what there is to see in it is the matter of `warmflow.training`; in here it is paced, played on a
board or as a replay, shown and logged. A stage on which nothing was ever chosen costs nothing.
"""

FIRST = "train"  # of several pumps this one plays first: `warmflow train` calls its own so
