"""The code that makes an instructor of a visitor: the settings' own, or a new one at each start in a file that only
this user can read.
"""

import os
import secrets
from pathlib import Path

from warmflow.daemon.config import Settings
from warmflow.errors import UserError
from warmflow.runtime.private_files import open_private, private_folder
from warmflow.runtime.secret_text import keep_secret

FILE = "instructor-code"
CODE_BYTES = 5  # 10 hexadecimal digits: typed by a person, guessed 5 times a minute at most


class CodeFileError(UserError):
    """The file cannot be written."""


def instructor_code(settings: Settings) -> tuple[str, Path]:
    """The code and the file that holds it. Raises CodeFileError."""
    if (given := settings.training.code()) and settings.training.code_file:
        return given.get_secret_value(), settings.training.code_file
    code, path = secrets.token_hex(CODE_BYTES), settings.journal_file().parent / FILE
    keep_secret(code)
    try:
        private_folder(path.parent)
        path.unlink(missing_ok=True)
        with open_private(path, os.O_EXCL | os.O_NOFOLLOW) as file:
            file.write(f"{code}\n".encode())
    except OSError as error:
        raise CodeFileError(f"{path}: {error.strerror}: set training.code_file to a file that you can write") from None
    return code, path
