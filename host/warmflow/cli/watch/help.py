"""What the marks and keys mean, on a screen of its own."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from warmflow.api.vocabulary import LIMITS_PERCENT, STALE_S
from warmflow.notice import SENTENCE

HELP = f"""\
warmflow watch
{SENTENCE}

● live            a value not older than {STALE_S} s
○ stale, stored   an older value, or one that the broker had kept
✕                 broken: the words behind it say what
● normal          less than {LIMITS_PERCENT[0]} % from the reference rate
▲ ▲▲ ▲▲▲          low {LIMITS_PERCENT[0]} %, medium {LIMITS_PERCENT[1]} %, high {LIMITS_PERCENT[2]} % above (▼ below)
◆                 the deviation that the probe's warmth explains

measured          what an instrument shows; flags come from it alone
modelled          what the emulator computed; a real pump hides it
reference rate    the rig's own resting rate, not the label
pump time 60x     the pump's clock runs 60 times as fast as ours

q quit   p pause, data is still collected   t dark or light
s span of the plots   arrows, Tab choose a pump   a alarms   ?, Esc close this\
"""


class HelpScreen(ModalScreen[None]):
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen Static {
        width: 76; height: auto; padding: 1 2;
        background: $panel; color: $foreground; border: round $primary;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,space", "dismiss", "Close"),
    ]

    def compose(self) -> ComposeResult:
        yield Static(HELP, markup=False)
