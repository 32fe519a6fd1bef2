"""The lives of all things: one table of moves each. To change the process, change a row."""

from matchhub.domain.lifecycle import engine
from matchhub.domain.lifecycle.application import APPLICATION
from matchhub.domain.lifecycle.assessment import ASSESSMENT, CLOSING
from matchhub.domain.lifecycle.channel import HELP_REQUEST
from matchhub.domain.lifecycle.engine import (
    LIVES,
    Life,
    Move,
    Offer,
    advance,
    diagram,
    look,
    moves_for,
    record,
    refusal,
    same_version,
    touch,
    word,
)
from matchhub.domain.lifecycle.event import EVENT
from matchhub.domain.lifecycle.library import LIBRARY
from matchhub.domain.lifecycle.need import NEED
from matchhub.domain.lifecycle.notice import NOTICE, OBJECTION
from matchhub.domain.lifecycle.organisation import ORGANISATION
from matchhub.domain.lifecycle.project import PROJECT, REPORT
from matchhub.domain.lifecycle.review import ROUND
from matchhub.domain.lifecycle.sheet import SHEET
from matchhub.domain.lifecycle.support import PLEDGE, SUPPORT_LINE
from matchhub.domain.lifecycle.visit import RECTIFICATION, VISIT
from matchhub.domain.models import (
    Application,
    Assessment,
    ClosingReport,
    Event,
    HelpRequest,
    LibraryEntry,
    Need,
    Notice,
    Objection,
    Organisation,
    Pledge,
    Project,
    Rectification,
    Report,
    ReviewRound,
    ScoreSheet,
    SupportLine,
    Visit,
)

engine.LIVES.update(
    {
        Organisation: ORGANISATION,
        Need: NEED,
        Application: APPLICATION,
        ReviewRound: ROUND,
        Notice: NOTICE,
        Objection: OBJECTION,
        Project: PROJECT,
        Report: REPORT,
        Visit: VISIT,
        Rectification: RECTIFICATION,
        ClosingReport: CLOSING,
        Assessment: ASSESSMENT,
        ScoreSheet: SHEET,
        Event: EVENT,
        LibraryEntry: LIBRARY,
        SupportLine: SUPPORT_LINE,
        Pledge: PLEDGE,
        HelpRequest: HELP_REQUEST,
    }
)

__all__ = ["LIVES", "Life", "Move", "Offer", "advance", "diagram", "look", "moves_for", "record", "refusal",
           "same_version", "touch", "word"]  # fmt: skip
