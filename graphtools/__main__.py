"""`python -m graphtools` is the command `graphtools`."""

from graphtools.cli import run

if __name__ == "__main__":
    run()
