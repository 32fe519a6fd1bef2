"""The satisfaction questionnaire as a form, on a phone and for typing paper in."""

from __future__ import annotations

from matchhub.core.forms import Form, choice, text
from matchhub.core.i18n import _, _l
from matchhub.domain import surveying

NEEDED = _l("请在五个回答里选一个")


def _answers() -> list[tuple[str, str]]:
    return [(str(mark), _(word)) for mark, word in surveying.ANSWERS.items()]


class SurveyForm(Form):
    needed = choice(surveying.QUESTIONS["needed"], _answers, NEEDED, radio=True)
    convenient = choice(surveying.QUESTIONS["convenient"], _answers, NEEDED, radio=True)
    manner = choice(surveying.QUESTIONS["manner"], _answers, NEEDED, radio=True)
    helpful = choice(surveying.QUESTIONS["helpful"], _answers, NEEDED, radio=True)
    again = choice(surveying.QUESTIONS["again"], _answers, NEEDED, radio=True)
    wish = text(_l("您最希望改进的一点"), 200, hint=_l("可以不写。请不要写姓名、电话和门牌号。"), long=True)

    def marks(self) -> dict[str, int]:
        """Question → 1 to 5."""
        return {name: int(self[name].data) for name in surveying.QUESTIONS}


class StrikeForm(Form):
    reason = text(_l("理由"), 200, hint=_l("例如：同一份纸质问卷录了两次"), required=_l("请写明划去的理由"))
