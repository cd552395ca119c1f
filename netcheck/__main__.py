"""`python -m netcheck`."""

from netcheck.cli import main

if __name__ == "__main__":
    main()
