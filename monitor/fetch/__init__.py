"""The door to feeds: polite and bounded HTTP, with a wall before private networks."""

from monitor.fetch.client import Client
from monitor.fetch.guard import Wall
from monitor.fetch.hosts import HostGate
from monitor.fetch.limits import Limits

__all__ = ["Client", "HostGate", "Limits", "Wall"]
