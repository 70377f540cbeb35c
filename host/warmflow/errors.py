"""The one root of errors that a person can mend: the command line shows their text as one line, without a traceback."""


class UserError(Exception):
    """What is wrong and what to do, in one line that names the file, port, key or program."""
