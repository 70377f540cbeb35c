"""Areas of the log. Each can have its own level in `[log] areas`."""

AREAS = {
    "daemon": "start and stop",
    "fleet": "the list of pumps",
    "link": "ports of pumps and their states",
    "board": "log lines of the boards",
    "broker": "the broker that the daemon starts",
    "mqtt": "the connection to the broker, and requests over it",
    "journal": "the durable log",
    "record": "recordings of raw frames",
    "http": "the web server",
    "loop": "the event loop",
    "clock": "the date of this computer, and corrected times",
    "alarms": "alarms and their history",
    "training": "lessons of the training page",
}
