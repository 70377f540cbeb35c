"""What the patterns of led.py mean, in their order: for the pages that show them. The board itself never loads it."""

WORDS = {
    "identify": "the board that `identify` asked for",
    "probe_lost": "no valid reading from the probe",
    "config_bad": "a setting in config.json was refused: its default is used",
    "no_host": "no host listens: readings are kept on the board",
    "rest": "the probe is out or not in its place: rest is assumed",
    "ok": "all is well",
}
