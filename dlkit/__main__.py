"""`python -m dlkit` is the command `dlkit`."""

from dlkit.cli import main

if __name__ == "__main__":
    main()
