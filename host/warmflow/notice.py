"""What warmflow is not: one wording, for every screen, page, payload and print. A test holds every other file to it."""

NOTICE = "emulator for bench and training, no medical device, no dosing advice"
SENTENCE = f"{NOTICE[0].upper()}{NOTICE[1:]}."
SHORT = NOTICE.rpartition(",")[0]  # for a line with no room for more
