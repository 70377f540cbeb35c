"""Areas of the log: what can be given a level of its own in `[log] areas`."""

AREAS = {
    "daemon": "start and stop",
    "fleet": "which pumps there are",
    "link": "a pump's port and its state",
    "board": "what a board says itself",
    "broker": "a broker that was started here",
    "mqtt": "the connection to the broker, and requests over it",
    "journal": "the durable log",
    "record": "raw frames on disk",
    "http": "the web server",
    "loop": "the event loop",
    "clock": "the date of this computer, and times that are put right",
    "alarms": "alarms and their history",
    "training": "the stage of the training page",
}
