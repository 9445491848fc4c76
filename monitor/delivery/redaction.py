"""Makes what a server said fit for an error message: one clean line, short, without our secrets.

It decides on text alone and touches nothing.
"""

from __future__ import annotations

from urllib.parse import quote

from monitor.text import clean

_HIDDEN = "[hidden]"


class Redaction:
    """Knows the secrets of one channel, as themselves and percent-encoded, and hides them."""

    def __init__(self, *secrets: str) -> None:
        shapes = {shape for secret in secrets for shape in _shapes(secret)}
        self._secrets = sorted(filter(None, shapes), key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Redaction({len(self._secrets)} hidden)"

    def __call__(self, said: object, limit: int = 100) -> str:
        """Return ``said`` on one line of at most ``limit`` characters."""
        # Twice: a control inside a secret must not hide it, nor a secret that holds a control.
        text = self._hide(clean(self._hide(str(said))))
        return text if len(text) <= limit else text[: limit - 1] + "…"

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def _shapes(secret: str) -> tuple[str, ...]:
    return (secret, clean(secret), quote(secret, safe="", errors="replace"))
