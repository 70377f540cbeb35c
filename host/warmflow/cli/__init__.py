"""The command line: one module for each command. A command parses, calls and exits; `main` puts them together.

Heavy imports (numpy, matplotlib, the daemon, the web server) happen when a command runs.
"""
