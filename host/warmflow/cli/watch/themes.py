"""Dark and light colours that colour-blind eyes tell apart too: blue, yellow, orange, vermilion, never red with green.

Ref: the palette of Okabe and Ito (2008), lightened or darkened until each is readable on its background.
"""

from textual.theme import Theme

DARK_VARIABLES = {
    "text-plain": "#E8EAED",
    "dim": "#A3ADB8",
    "faint": "#5A6672",
    "level-normal": "#56B4E9",
    "level-low": "#F0E442",
    "level-medium": "#F5A623",
    "level-high": "#FF7A45",
    "course-probe": "#F5A623",
    "course-pump": "#56B4E9",
}
LIGHT_VARIABLES = {
    "text-plain": "#16191D",
    "dim": "#505A64",
    "faint": "#A4AEB8",
    "level-normal": "#0067A5",
    "level-low": "#6B5800",
    "level-medium": "#8F4A00",
    "level-high": "#A82500",
    "course-probe": "#8F4A00",
    "course-pump": "#0067A5",
}
DARK = Theme(
    "warmflow-dark",
    primary="#56B4E9",
    foreground="#E8EAED",
    background="#0F1317",
    surface="#0F1317",
    panel="#1C232A",
    dark=True,
    variables=DARK_VARIABLES,
)
LIGHT = Theme(
    "warmflow-light",
    primary="#0067A5",
    foreground="#16191D",
    background="#FAFBFC",
    surface="#FAFBFC",
    panel="#E4E9ED",
    dark=False,
    variables=LIGHT_VARIABLES,
)
