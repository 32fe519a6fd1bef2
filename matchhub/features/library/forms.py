"""Forms of the library: shape only."""

from __future__ import annotations

from matchhub.core.forms import BooleanField, Form, MultipleFileField, choice, text
from matchhub.core.i18n import _l
from matchhub.domain import reference
from matchhub.features.library.reading import LONGEST_NUMBER, LONGEST_TEXT, LONGEST_TITLE


class EntryForm(Form):
    """One entry; `number` is asked until it is first published."""

    number = text(_l("编号"), LONGEST_NUMBER, hint=_l("例如 12；不填就用下一个号，发布后不能改"))
    kind = choice(_l("条目类别"), reference.options("library_kind"), _l("请选择条目类别"), radio=True)
    title = text(_l("条目标题"), LONGEST_TITLE, _l("请填写标题，例如“加装电梯怎样申请”"))
    text = text(
        _l("条目正文"),
        LONGEST_TEXT,
        _l("请填写正文"),
        _l("可以用 Markdown：“### ”开头是小标题，“- ”开头是列表，[文字](网址) 是链接"),
        long=True,
    )


class WithdrawForm(Form):
    reason = text(_l("撤下理由"), 200, _l("请写明为什么撤下，例如“做法已变，正在修订”"), long=True)


class ImportForm(Form):
    """Files of entries; `kind` is for entries that name none."""

    files = MultipleFileField(_l("导入的文件"), description=_l("Markdown（.md）或 Word（.docx），可以多选"))
    kind = choice(_l("没有写明时的类别"), reference.options("library_kind"), _l("请选择条目类别"), radio=True)
    publish = BooleanField(_l("导入后直接发布"))
