"""The application form: what is asked, how answers are read, which rules they must keep, what they add up to."""

from matchhub.domain.application_form.assets import FIXED_ASSETS, fixed_asset
from matchhub.domain.application_form.reading import Document, empty, has_content, is_blank, part_of, read_part
from matchhub.domain.application_form.rules import Problem, options, problems
from matchhub.domain.application_form.showing import Entry, ShownPart, Table, budget_totals, shown
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

__all__ = ["BY_CODE", "FIXED_ASSETS", "MOST_ROWS", "PARTS", "SOURCES", "Document", "Entry", "Field", "Figures", "Kind",
           "Part", "Problem", "ShownPart", "Table", "amount_fen", "budget_totals", "by_category", "empty", "figures",
           "fixed_asset", "from_source", "has_content", "is_blank", "latest", "options", "part_of", "problems",
           "read_part", "row_fen", "shown"]  # fmt: skip
