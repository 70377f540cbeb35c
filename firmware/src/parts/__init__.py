"""What can be wired to the board, one driver a module. They are given buses and pins and know no hardware module."""


def driver(name):
    """The class of a part's driver. It is loaded only where it is used, and so are its names: memory."""
    return getattr(__import__("parts." + name), name).DRIVER
