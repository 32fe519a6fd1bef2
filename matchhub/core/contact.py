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


def plain_email(typed: str | None) -> str | None:
    """An e-mail address as it is stored: half-width and lower-case; None for an empty one."""
    return unicodedata.normalize("NFKC", typed or "").strip().lower() or None


def plain_phone(typed: str | None) -> str | None:
    """A phone number as it is stored: digits without spaces, hyphens and +86; None for an empty one."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", typed or ""))
    return re.sub(r"^(\+|00)86", "", digits) or None


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
