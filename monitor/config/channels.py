"""Where digests and alerts go. A secret is named here and never held."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from monitor.documents import Document, Field, field_validator

OnUncertain = Literal["resend", "hold"]
UNCERTAIN = (
    "after an interrupted send, when nobody knows whether it arrived: resend, or hold for a person"
)


class EmailChannel(Document):
    """Mail over SMTP, one message per recipient."""

    type: Literal["email"]
    host: str = Field(min_length=1, description="mail server")
    port: int = Field(default=587, ge=1, le=65_535, description="its port")
    starttls: Literal["required", "none"] = Field(
        default="required", description="encryption by STARTTLS; 'none' sends in clear"
    )
    tls: bool = Field(default=False, description="encryption from the first byte (port 465)")
    sender: str = Field(alias="from", min_length=3, description="From: name and address")
    to: tuple[str, ...] = Field(min_length=1, description="recipients, each gets a mail of his own")
    username: str = Field(default="", description="user name for the mail server")
    password_file: str = Field(default="", description="file with the password, or a credential")
    password_env: str = Field(default="", description="environment variable with the password")
    unsubscribe: str = Field(
        default="", description="address for List-Unsubscribe, mailto: or https:"
    )
    on_uncertain: OnUncertain = Field(default="resend", description=UNCERTAIN)
    ca_file: str = Field(default="", description="certificates to trust instead of the system's")

    @field_validator("to", "sender")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        for one in [value] if isinstance(value, str) else value:
            if "@" not in one or any(c in one for c in "\r\n\0"):
                raise ValueError(f"'{one[:60]!s}' is not a mail address")
        return value


class SlackChannel(Document):
    """A Slack incoming webhook."""

    type: Literal["slack"]
    webhook_file: str = Field(default="", description="file with the webhook address")
    webhook_env: str = Field(default="", description="environment variable with the address")
    mention: str = Field(
        default="", description="said before urgent alerts, such as <!here> or <@U012AB3CD>"
    )
    on_uncertain: OnUncertain = Field(default="resend", description=UNCERTAIN)


class FileChannel(Document):
    """A folder into which digests are written."""

    type: Literal["file"]
    path: str = Field(min_length=1, description="the folder; made when missing")
    formats: tuple[Literal["html", "text", "slack"], ...] = Field(
        default=("html", "text", "slack"), description="which forms of the digest to write"
    )


class WebhookChannel(Document):
    """An address that takes the digest as JSON."""

    type: Literal["webhook"]
    url_file: str = Field(default="", description="file with the address")
    url_env: str = Field(default="", description="environment variable with the address")
    token_file: str = Field(default="", description="file with a bearer token, or a credential")
    token_env: str = Field(default="", description="environment variable with the token")
    on_uncertain: OnUncertain = Field(default="resend", description=UNCERTAIN)


class AppriseChannel(Document):
    """Any service that Apprise knows, best effort; wants ``newsmonitor[apprise]``."""

    type: Literal["apprise"]
    url_file: str = Field(default="", description="file with the Apprise address")
    url_env: str = Field(default="", description="environment variable with the Apprise address")
    on_uncertain: OnUncertain = Field(default="resend", description=UNCERTAIN)


Channel = Annotated[
    EmailChannel | SlackChannel | FileChannel | WebhookChannel | AppriseChannel,
    Field(discriminator="type"),
]
