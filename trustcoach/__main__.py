"""`python -m trustcoach` and the `trustcoach` command."""

from trustcoach.cli import main

if __name__ == "__main__":
    main()
