"""The doors' own fixtures, shared with the tests of the fetch door."""

from tests.fetch.conftest import certificate, tls_server_context

__all__ = ["certificate", "tls_server_context"]
