"""The two waters of the calibration, as a sketch."""

from rig.draw import FAINT, INK, Sheet

STEEL, LEAD, WATER, ICE = "#9aa3ab", "#333333", "#d6e8f7", "#ffffff"


def picture() -> Sheet:
    sheet = Sheet(900, 400, "warmflow rig: calibration in two waters", "from hardware/rig/calibration_picture.py")
    sheet.text(24, 30, "Two waters for the two points", 17, bold=True)
    for left in (110.0, 520.0):
        sheet.shape([(left, 120), (left + 200, 120), (left + 185, 330), (left + 15, 330)], "#f2efe6")
        sheet.shape([(left + 12, 150), (left + 188, 150), (left + 176, 320), (left + 24, 320)], WATER, "#7aa7cf")
    for x, y in (
        (140, 160),
        (172, 155),
        (236, 158),
        (266, 163),
        (152, 196),
        (250, 200),
        (158, 238),
        (246, 244),
        (178, 280),
        (232, 284),
    ):
        sheet.box(x, y, 24, 22, ICE, "#7aa7cf", 4)
    _probe(sheet, 210, 240)
    _probe(sheet, 608, 262)
    sheet.box(626, 110, 14, 140, "#ffffff", INK, 6)
    sheet.box(629, 246, 8, 18, STEEL, INK, 3)
    sheet.box(622, 206, 22, 8, "#c0392b", "none", 2)
    sheet.text(210, 364, "low: crushed ice and water", 13, "middle", bold=True)
    sheet.text(210, 384, "0 degC, stirred, tip in the middle", 12, "middle", FAINT)
    sheet.text(620, 364, "high: a thermos of 37 to 38 degC", 13, "middle", bold=True)
    sheet.text(620, 384, "what the thermometer shows is true", 12, "middle", FAINT)
    for x, y, words, end in (
        (330, 236, "probe", 214),
        (736, 166, "clinical thermometer", 640),
        (736, 260, "probe, tip by tip", 614),
    ):
        sheet.line([(end, y - 4), (x - 6, y - 4)], "#e07b00", 1.2)
        sheet.text(x, y, words, 12)
    return sheet


def _probe(sheet: Sheet, x: float, tip: float) -> None:
    sheet.line([(x, tip - 40), (x, 90), (x - 30, 60)], LEAD, 4)
    sheet.box(x - 5, tip - 44, 10, 50, STEEL, INK, 4)
