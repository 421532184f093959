"""`python -m alcore`."""

from alcore.cli import main

if __name__ == "__main__":
    main()
