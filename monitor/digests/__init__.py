"""What the reader sees: which digest is due, what it holds, how it reads by mail, Slack, text."""

from monitor.digests.build import Caps, build, digest_id, furnished, stories_shown
from monitor.digests.bulletin import alert_subject
from monitor.digests.flood import flood
from monitor.digests.gather import alert_id, build_alert
from monitor.digests.page import Shape
from monitor.digests.phrases import headcount, subject
from monitor.digests.render_email import RenderedEmail, render_alert_email, render_email
from monitor.digests.render_json import render_alert_json, render_json
from monitor.digests.render_slack import render_alert_slack, render_slack
from monitor.digests.render_text import render_alert_text, render_text
from monitor.digests.schedule import Plan, due, upcoming
from monitor.digests.why import Piece, Term, Why, explain

__all__ = [
    "Caps",
    "Piece",
    "Plan",
    "RenderedEmail",
    "Shape",
    "Term",
    "Why",
    "alert_id",
    "alert_subject",
    "build",
    "build_alert",
    "digest_id",
    "due",
    "explain",
    "flood",
    "furnished",
    "headcount",
    "render_alert_email",
    "render_alert_json",
    "render_alert_slack",
    "render_alert_text",
    "render_email",
    "render_json",
    "render_slack",
    "render_text",
    "stories_shown",
    "subject",
    "upcoming",
]
