"""The way out: composes mails, sends what is due, and tells the ledger what became of it."""

from monitor.delivery.apprise import AppriseChannel, AppriseSettings
from monitor.delivery.channel import Channel, Ledger, holding
from monitor.delivery.dispatch import DispatchReport, Outcome, dispatch, wait_s
from monitor.delivery.file import FileChannel, FileSettings, safe_name
from monitor.delivery.mail import compose, mailbox, message_id, unsubscribe_headers
from monitor.delivery.notice import Notice, is_notice, notice_for
from monitor.delivery.slack import SlackChannel, SlackSettings, check_mention
from monitor.delivery.smtp import Security, SmtpChannel, SmtpSettings
from monitor.delivery.webhook import WebhookChannel, WebhookSettings

__all__ = [
    "AppriseChannel",
    "AppriseSettings",
    "Channel",
    "DispatchReport",
    "FileChannel",
    "FileSettings",
    "Ledger",
    "Notice",
    "Outcome",
    "Security",
    "SlackChannel",
    "SlackSettings",
    "SmtpChannel",
    "SmtpSettings",
    "WebhookChannel",
    "WebhookSettings",
    "check_mention",
    "compose",
    "dispatch",
    "holding",
    "is_notice",
    "mailbox",
    "message_id",
    "notice_for",
    "safe_name",
    "unsubscribe_headers",
    "wait_s",
]
