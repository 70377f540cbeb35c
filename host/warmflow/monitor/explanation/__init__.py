"""The monitor's diagnosis in plain words, for people: a paragraph whose numbers say where they come from. It sees
declared and measured values and what was made of them, never the truth.
"""

from warmflow.monitor.explanation.marked_text import Part, text
from warmflow.monitor.explanation.paragraph import paragraph_parts, shares

__all__ = ["Part", "paragraph_parts", "shares", "text"]
