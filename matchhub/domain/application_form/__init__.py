"""The application form: what is asked, how answers are read, which rules they must keep, what they add up to."""

from matchhub.domain.application_form.assets import FIXED_ASSETS, fixed_asset
from matchhub.domain.application_form.differing import (
    Bit,
    Change,
    PartChange,
    RowChange,
    change_of,
    differences,
    part_changes,
    row_changes,
)
from matchhub.domain.application_form.merging import Merged, fingerprint, joined, merge, seen_after
from matchhub.domain.application_form.partners import (
    Share,
    admitted_names,
    partner_pairs,
    partner_rows,
    partners,
    shares,
    why_bound,
    why_elsewhere,
    why_not_agreed,
)
from matchhub.domain.application_form.reading import Document, empty, has_content, is_blank, part_of, read_part
from matchhub.domain.application_form.rules import Problem, options, problems, signers
from matchhub.domain.application_form.showing import (
    Entry,
    ShownPart,
    Table,
    budget_totals,
    cell_text,
    field_text,
    shown,
)
from matchhub.domain.application_form.spec import BY_CODE, MOST_ROWS, PARTS, SOURCES, Field, Kind, Part
from matchhub.domain.application_form.sums import (
    Figures,
    amount_fen,
    by_category,
    figures,
    from_source,
    latest,
    row_fen,
)

__all__ = ["BY_CODE", "FIXED_ASSETS", "MOST_ROWS", "PARTS", "SOURCES", "Bit", "Change", "Document", "Entry", "Field",
           "Figures", "Kind", "Merged", "Part", "PartChange", "Problem", "RowChange", "Share", "ShownPart", "Table",
           "admitted_names", "amount_fen", "budget_totals", "by_category", "cell_text", "change_of", "differences", "empty", "field_text", "figures",
           "fingerprint", "fixed_asset", "from_source", "has_content", "is_blank", "joined", "latest", "merge", "options",
           "part_changes", "part_of", "partner_pairs", "partner_rows", "partners", "problems", "read_part", "row_changes",
           "row_fen", "seen_after", "shares", "shown", "signers", "why_bound", "why_elsewhere", "why_not_agreed"]  # fmt: skip
