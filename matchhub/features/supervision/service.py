"""Every deed of supervision, as pages and the demonstration call them."""

from matchhub.features.supervision.answering import answer_suggestion, confirm, contest, settle
from matchhub.features.supervision.planning import cancel, plan, reschedule
from matchhub.features.supervision.recording import attach, detach, save_draft, submit
from matchhub.features.supervision.rectifying import acknowledge, escalate, issue, reply, verify

__all__ = [
    "acknowledge", "answer_suggestion", "attach", "cancel", "confirm", "contest", "detach", "escalate", "issue", "plan",
    "reply", "reschedule", "save_draft", "settle", "submit", "verify",
]  # fmt: skip
