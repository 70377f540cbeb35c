"""One module a command of the command line, but for those that belong to a part of the product and live in its folder
(`flash`, `report`, `simulate`, `watch`, ...). A command parses, calls and leaves; `warmflow.cli` puts them together.

What is heavy is imported when the command runs: `warmflow --help` answers at once.
"""
