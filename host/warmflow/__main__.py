"""`python -m warmflow`: the same as the console script."""

from warmflow.cli import main

main()
