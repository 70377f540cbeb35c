"""What each cause means, in a sentence a person can use; and propellants by profile. No advice on any dose."""

from pumpmodel import PROFILES

MEANINGS = {
    "heat": "Warmth raises the propellant's pressure, and the flow with it; it goes back by itself, with a delay.",
    "cold": "A colder propellant pushes less; the flow comes back as the pump warms.",
    "altitude or depth": "The propellant pushes against the air around the body: thinner air lets more through, water "
    "above it less. Temperature has no part in that.",
    "near-empty": "There is too little left to push: what comes falls to nothing, whatever the temperature.",
    "over-fill": "More was filled than was declared or than fits: bellows that are stretched push harder.",
    "occlusion, sudden": "The propellant pushes as before, and less comes through. Temperature cannot tell it: only "
    "the flow does.",
    "occlusion, creeping": "The propellant pushes as before, and less and less comes through. Temperature cannot tell "
    "it: only the flow does.",
    "catheter loose": "The pump has less to push against than it was set up for; temperature has no part in that.",
    "wrong fluid": "A thinner or thicker fluid than declared runs through the same restrictor.",
    "probe elsewhere": "The probe feels what the pump does not: look where it is.",
    "sensor": "One instrument contradicts the others: believe none of the figures that rest on it.",
    "clock": "Clocks, or the row of readings, do not agree: rates and totals are in doubt, the pump need not be.",
    "unknown": "Nothing that is measured or declared explains it.",
}

SPOKEN = {"r11": "R-11", "r123": "R-123", "r114": "R-114", "nc5f12": "n-C5F12"}


def _propellant(fill: str) -> str:
    return SPOKEN.get(fill, fill)


PROPELLANTS = {name: f"propellant ({_propellant(row.fill)})" for name, row in PROFILES.items()}
