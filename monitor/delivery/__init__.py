"""The way out: composes mails, sends what is due, and tells the ledger what became of it."""

from monitor.delivery.channel import Channel, Ledger
from monitor.delivery.dispatch import DispatchReport, Outcome, dispatch, wait_s
from monitor.delivery.file import FileChannel, FileSettings, safe_name
from monitor.delivery.mail import compose, mailbox, message_id
from monitor.delivery.slack import SlackChannel, SlackSettings
from monitor.delivery.smtp import Security, SmtpChannel, SmtpSettings

__all__ = [
    "Channel",
    "DispatchReport",
    "FileChannel",
    "FileSettings",
    "Ledger",
    "Outcome",
    "Security",
    "SlackChannel",
    "SlackSettings",
    "SmtpChannel",
    "SmtpSettings",
    "compose",
    "dispatch",
    "mailbox",
    "message_id",
    "safe_name",
    "wait_s",
]
