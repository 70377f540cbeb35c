"""State and alarm say the same of what is left: what was filled and has not come. The residual volume that no pump
pushes out lies below what a rig declares, and is not taken off again.
"""

import pytest
from records import reading

from warmflow.alarms.conditions import near_empty
from warmflow.api import payloads
from warmflow.device.updates import Assessed
from warmflow.monitor import Assessment, Finding, Level, Rig

pytestmark = pytest.mark.time

FLOW_NL_H = 50_000
RESIDUAL_NL = 600_000


@pytest.mark.parametrize(("filled_nl", "days"), [(600_000, 0.5), (1_200_000, 1.0), (30_000_000, 25.0)])
def test_state_and_alarm_tell_the_same_days_left(filled_nl: int, days: float) -> None:
    rig = Rig("r11", "average", "skin", "drug", 0.0, 101.325, FLOW_NL_H, filled_nl, 0, RESIDUAL_NL)
    finding = Finding(0, Level.NORMAL, "", 0, 0.0, 0.0, 0.0, float(FLOW_NL_H), False, "")
    live = reading(1, flow=FLOW_NL_H)._replace(finding=finding, rig=rig)
    assessment = Assessment(rig, live.measured, finding, None)  # type: ignore[arg-type]
    alarm = dict(near_empty(Assessed("rig", live.utc, assessment)).figures)
    assert payloads.state(live).days_left == max(0.0, alarm["days_left"]) == pytest.approx(days, abs=0.01)
