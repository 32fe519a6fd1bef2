"""The page on which an objector types the code that follows an objection."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, url_for

from matchhub.core.access import PUBLIC, access
from matchhub.core.i18n import _
from matchhub.features import kit
from matchhub.features.notices import queries
from matchhub.features.notices.forms import FollowForm
from matchhub.features.notices.views import bp


@bp.route("/objections", methods=["GET", "POST"])
@access(PUBLIC)
def look_up() -> Any:
    form = FollowForm()
    if form.validate_on_submit():
        code = re.sub(r"[\s\-]", "", form.code.data).lower()
        if queries.followed(code) is not None:
            return redirect(url_for("notices.follow", code=code), 303)
        form.refuse("code", _("没有找到这个查询码。请核对提交异议时给您的 16 位字母和数字，或打电话问街道。"))
    return kit.shown("notices/look_up.html", form)
