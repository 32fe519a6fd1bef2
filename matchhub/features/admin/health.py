"""Whether the installation is well: what an administrator must know before people call."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.config import ROOT
from matchhub.core import clock, guards, ledger, outbox
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.core.ledger import Actor
from matchhub.domain import reference
from matchhub.domain.models import OutboxRow, Setting
from matchhub.presentation import moment
from matchhub.search import file_texts, nightly, site

# What a public site of a street office must show (docs/operations.md); empty ones are hidden from the footer.
IDENTITY = ("site_owner", "site_contact", "site_phone", "site_email", "site_address", "site_hours", "site_icp", "site_police",
            "site_code")  # fmt: skip
# Why the search does not know the text of a file, or not all of it (search/file_reader.py).
FILE_PROBLEMS = {
    "broken": _l("打不开，文件可能已损坏；请重新导出后再上传"),
    "encrypted": _l("有打开密码；请取消密码后再上传"),
    "too_large": _l("展开后过大；请拆分后再上传"),
    "too_slow": _l("读取时间过长，已停止；请简化或拆分后再上传"),
    "missing": _l("存储里找不到这个文件；请从备份恢复"),
    "no_text": _l("里面没有文字，可能是扫描件；请上传能选中文字的版本"),
    "cut": _l("内容太长，只收录了前面的部分"),
}
OUTBOX_KINDS = {"mail": _l("邮件"), "index": _l("搜索索引")}


def given_up() -> list[OutboxRow]:
    """What could not be delivered, newest first."""
    found = sa.select(OutboxRow).where(OutboxRow.tries >= outbox.TRIES).order_by(OutboxRow.id.desc()).limit(100)
    return list(db.session.scalars(found))


def missing_identity() -> list[Setting]:
    """What the site should say of itself and does not yet."""
    absent = [key for key in IDENTITY if not str(reference.setting(key)).strip()]
    found = sa.select(Setting).where(Setting.key.in_(absent)).order_by(Setting.sort)
    return list(db.session.scalars(found)) if absent else []


def migrations() -> tuple[str, str]:
    """(revision of the database, newest revision of the program); an empty text for none."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with db.engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory(str(ROOT / "migrations"))
    return now or "", script.get_current_head() or ""


def missing_triggers() -> list[str]:
    with db.engine.connect() as connection:
        return guards.missing(connection)


def checks() -> list[tuple[str, bool, str]]:
    """(what, whether it is well, what is the matter or how it stands) of everything that is looked after."""
    waiting, dead = outbox.waiting()
    now, newest = migrations()
    triggers = missing_triggers()
    index = site.health()
    absent = missing_identity()
    return [
        (_("数据库版本"), now == newest, _("%(now)s，程序需要 %(newest)s", now=now or "–", newest=newest)),
        (_("防篡改触发器"), not triggers, _("缺少：%(names)s", names="、".join(triggers)) if triggers else _("齐全")),
        (
            _("搜索索引"),
            index.usable,
            _("%(n)s 篇文档", n=index.documents) if index.usable else _("读不出，请重建索引"),
        ),
        (_("索引核对"), True, _compared()),
        (_("待发送"), waiting < 1000, _("%(n)s 条", n=waiting)),
        (_("发送失败"), dead == 0, _("%(n)s 条", n=dead)),
        (_("网站信息"), not absent, _("还有 %(n)s 项没有填", n=len(absent)) if absent else _("齐全")),
    ]


def _compared() -> str:
    """When the index was last compared with the database, and what was repaired."""
    last = nightly.last()
    if last is None:
        return _("每天凌晨核对，还没有核对过")
    at = moment(last.moment)
    return (
        _("%(at)s 核对，修复 %(n)s 处", at=at, n=last.repaired) if last.repaired else _("%(at)s 核对，没有差异", at=at)
    )


@command
def retry(actor: Actor, row_id: int) -> None:
    """Let one row that was given up be delivered again. Raises NotNow when it is not there any more."""
    row = db.session.get(OutboxRow, row_id)
    if row is None or row.tries < outbox.TRIES:
        raise NotNow(_("这一条已经在发送了，请刷新页面。"))
    row.tries, row.due_at, row.error = 0, clock.now(), None
    ledger.record(actor, "outbox.retry", f"outbox:{row.id}", {"kind": row.kind})


def summary() -> dict[str, Any]:
    return {"checks": checks(), "given_up": given_up(), "absent": missing_identity(), "unread": file_texts.unread()}
