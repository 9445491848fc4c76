"""The daemon as it is, only that it looks around more often: ``soak_ticks.py SECONDS run -c …``.

The soak packs days into minutes. With the daemon's own 20 seconds between two looks most faults
would be over before it saw them; nothing else differs.
"""

import sys

import monitor.daemon
from monitor.cli import main

if __name__ == "__main__":
    monitor.daemon.TICK_S = float(sys.argv.pop(1))  # type: ignore[assignment]
    main()
