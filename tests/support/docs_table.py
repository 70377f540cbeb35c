"""The tables of the documentation, made from the code."""

from warmflow.sinks.topics import TOPICS
from warmflow.status import REMEDIES


def topics_table() -> str:
    rows = ["| topic | retained | QoS | what it says |", "|---|---|---|---|"]
    for topic in TOPICS.values():
        path = topic.path.format(base="warmflow", pump="<pump>")
        rows.append(f"| `{path}` | {'yes' if topic.retained else 'no'} | {topic.qos} | {topic.says} |")
    return "\n".join(rows) + "\n"


def states_table() -> str:
    rows = ["| state | what to do |", "|---|---|", *(f"| {state.value} | {what} |" for state, what in REMEDIES.items())]
    return "\n".join(rows) + "\n"
