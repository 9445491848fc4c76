"""What the reader sees: which digest is due, what it holds, how it reads by mail, Slack, text."""

from monitor.digests.build import Caps, build, digest_id
from monitor.digests.page import Shape
from monitor.digests.phrases import headcount, subject
from monitor.digests.render_email import RenderedEmail, render_email
from monitor.digests.render_slack import render_slack
from monitor.digests.render_text import render_text
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
    "build",
    "digest_id",
    "due",
    "explain",
    "headcount",
    "render_email",
    "render_slack",
    "render_text",
    "subject",
    "upcoming",
]
