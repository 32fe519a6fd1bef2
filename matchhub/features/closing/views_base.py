"""The blueprint, and what its views share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from matchhub.core.errors import NotYours, Refused
from matchhub.core.forms import Form
from matchhub.domain.scoring import assessment_words

bp = Blueprint("closing", __name__)
# Every page that shows a grade (also templates/closing/_record.html on an organisation's page) needs its word.
bp.add_app_template_global(assessment_words.grade_tag, "grade_tag")
bp.add_app_template_global(assessment_words.grade_word, "grade_word")


def attempt(form: Form, deed: Callable[[], Any]) -> bool:
    """Whether the deed was done; a rule that says no puts its sentence on the form, so nothing typed is lost."""
    try:
        deed()
    except NotYours:
        raise
    except Refused as no:
        form.form_errors = [*form.form_errors, str(no)]
        return False
    return True
