"""Every deed of this feature under one roof; the deeds stand in the files named here."""

from matchhub.features.projects.service_activities import change_activity, record_activity, strike_activity
from matchhub.features.projects.service_agreement import (
    MOVES,
    assign_supervisor,
    close_up,
    finish,
    pause,
    pay,
    release_supervisor,
    resume,
    start,
    terminate,
)
from matchhub.features.projects.service_reports import (
    accept_report,
    exempt_report,
    return_report,
    save_report,
    submit_report,
)
from matchhub.features.projects.service_signing import prepare, sign

__all__ = [
    "MOVES", "accept_report", "assign_supervisor", "change_activity", "close_up", "exempt_report", "finish", "pause",
    "pay", "prepare", "record_activity", "release_supervisor", "resume", "return_report", "save_report", "sign", "start",
    "strike_activity", "submit_report", "terminate",
]  # fmt: skip
