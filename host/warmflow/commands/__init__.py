"""The commands of the command line, but for those that belong to a part of the product and live in its folder (`flash`,
`report`, `simulate`, `watch`, ...). A command parses, calls and leaves; `warmflow.cli` puts them together.

What is heavy, as numpy, matplotlib, the daemon or the web server, is imported when the command runs.
"""
