"""E-mail addresses and mobile numbers: how they are written when stored, and form fields that check them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from wtforms import StringField
from wtforms.validators import ValidationError

from matchhub.core.forms import text
from matchhub.core.i18n import _, _l

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
MOBILE = re.compile(r"1\d{10}")
# Also a landline with its area code, eight digits of this city, 400 and 800 numbers, and hotlines of five digits; the
# landline may have an extension.
LANDLINE = re.compile(
    r"(?:0\d{2,3}-?\d{3,4}-?\d{4}|[2-9]\d{3}-?\d{4}|[48]00-?\d{3}-?\d{4}|[19]\d{4})(?:(?:-|转|分机|ext\.?|x)\d{1,6})?",
    re.IGNORECASE,
)


def plain_email(typed: str | None) -> str | None:
    """An e-mail address as it is stored: half-width and lower-case; None for an empty one."""
    return unicodedata.normalize("NFKC", typed or "").strip().lower() or None


def plain_phone(typed: str | None) -> str | None:
    """A phone number as it is stored: digits without spaces, hyphens and +86; None for an empty one."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", typed or ""))
    return re.sub(r"^(\+|00)86", "", digits) or None


def is_phone(typed: str | None) -> bool:
    """Whether somebody can be called at this number, however it is written."""
    plain = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", typed or ""))
    # From abroad an area code is written without its zero.
    return bool(MOBILE.fullmatch(plain_phone(plain) or "") or LANDLINE.fullmatch(re.sub(r"^(\+|00)86-?0?", "0", plain)))


def _is_phone(_form: Any, field: Any) -> None:
    if field.data and not is_phone(field.data):
        raise ValidationError(not_a_phone())


def not_a_phone() -> str:
    return _("请填完整的手机号或带区号的座机号，例如 13800000000 或 021-62570000")


def _is_email(_form: Any, field: Any) -> None:
    if field.data and not EMAIL.fullmatch(plain_email(field.data) or ""):
        raise ValidationError(_("请填完整的邮箱，例如 zhang@example.org"))


def _is_mobile(_form: Any, field: Any) -> None:
    if field.data and not MOBILE.fullmatch(plain_phone(field.data) or ""):
        raise ValidationError(_("请填 11 位手机号，例如 13800000000"))


def email(label: str = _l("邮箱"), required: str | None = None, hint: str = "") -> StringField:
    return text(label, 120, required=required, hint=hint, checks=[_is_email])


def mobile(label: str = _l("手机号"), required: str | None = None, hint: str = "") -> StringField:
    return text(label, 20, required=required, hint=hint, checks=[_is_mobile])


def phone(label: str = _l("联系电话"), limit: int = 20, required: str | None = None, hint: str = "") -> StringField:
    """A number of either sort."""
    return text(label, limit, required=required, hint=hint, checks=[_is_phone])
