"""Modules that are used for a moment, and take no memory afterwards."""

import sys


def borrow(package, name):
    """The module `package.name`, loaded now; it goes when its user lets it go."""
    path = package + "." + name
    module = getattr(__import__(path), name)
    del sys.modules[path]
    delattr(sys.modules[package], name)
    return module
