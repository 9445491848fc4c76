"""``python -m monitor`` is ``newsmonitor``."""

from monitor.cli import main

if __name__ == "__main__":
    main()
