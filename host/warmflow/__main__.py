"""`python -m warmflow`: the same as the console script."""

from warmflow.cli.main import main

main()
