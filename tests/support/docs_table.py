"""Prints the tables of docs/mqtt.md from the code."""

from warmflow.sinks.topics import TOPICS


def topics_table() -> str:
    rows = ["| topic | retained | QoS | what it says |", "|---|---|---|---|"]
    for topic in TOPICS.values():
        path = topic.path.format(base="warmflow", pump="<pump>")
        rows.append(f"| `{path}` | {'yes' if topic.retained else 'no'} | {topic.qos} | {topic.says} |")
    return "\n".join(rows) + "\n"
