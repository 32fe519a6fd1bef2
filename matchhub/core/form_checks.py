"""What a form checks of a field: shape only. Sentences are marked constants and are translated when a check fails."""

from __future__ import annotations

import re
from typing import Any

from wtforms.validators import StopValidation, ValidationError

from matchhub.core.i18n import _, _l


class Needed:
    """There must be an answer; `sentence` says what to fill in."""

    field_flags = {"required": True}

    def __init__(self, sentence: str = _l("请填写这一项")) -> None:
        self.sentence = sentence

    def __call__(self, _form: Any, field: Any) -> None:
        if field.data in (None, "", [], ()):
            if not field.errors:
                raise StopValidation(_(self.sentence))
            raise StopValidation()


class AtMost:
    """At most `limit` characters."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, _form: Any, field: Any) -> None:
        over = len(field.data or "") - self.limit
        if over > 0:
            raise ValidationError(_("最多 %(limit)s 字，请删去 %(over)s 字", limit=self.limit, over=over))


class InRange:
    """A number from `low` to `high`; None leaves that side open."""

    def __init__(self, low: float | None = None, high: float | None = None) -> None:
        self.low, self.high = low, high

    def __call__(self, _form: Any, field: Any) -> None:
        if field.data is None:
            return
        if self.low is not None and field.data < self.low:
            raise ValidationError(_("不能小于 %(low)s", low=self.low))
        if self.high is not None and field.data > self.high:
            raise ValidationError(_("不能大于 %(high)s", high=self.high))


class Matches:
    """The whole text matches `pattern`; `sentence` shows a right one."""

    def __init__(self, pattern: str, sentence: str) -> None:
        self.pattern, self.sentence = re.compile(pattern), sentence

    def __call__(self, _form: Any, field: Any) -> None:
        if field.data and not self.pattern.fullmatch(field.data):
            raise ValidationError(_(self.sentence))


class Agreed:
    """The box must be ticked."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, _form: Any, field: Any) -> None:
        if not field.data:
            raise StopValidation(_(self.sentence))


class YuanRange:
    """An amount of at most `most_yuan`."""

    def __init__(self, most_yuan: int) -> None:
        self.most_yuan = most_yuan

    def __call__(self, _form: Any, field: Any) -> None:
        if field.data is not None and field.data > self.most_yuan * 100:
            raise ValidationError(_("不能大于 %(most)s 元", most=f"{self.most_yuan:,}"))


class Chosen:
    """One or several of the options that the field offers."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, _form: Any, field: Any) -> None:
        allowed = {str(option[0]) for option in field.choices}
        wanted = field.data if isinstance(field.data, list) else [field.data]
        if any(str(value) not in allowed for value in wanted if value not in (None, "")):
            raise StopValidation(_("请从列出的选项里选择"))
