"""Which tables of an application can be filled in as Excel files (written by workbook.py, read by reading.py)."""

from __future__ import annotations

from matchhub.domain import application_form as spec
from matchhub.domain.application_form import Field, Part

# Parts whose table can be filled in as a file, and the field that holds it.
TABLES = {"plan": "rows", "budget": "rows", "team": "rows"}
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_of(part: Part) -> Field:
    """The field of rows that the file holds. Raises KeyError for a part that has none."""
    return part.field(TABLES[part.code])


def write(part: Part, document: spec.Document, ref: str) -> bytes:
    """The table with what has been typed so far, room for more rows, drop-downs, and a sheet that explains it."""
    from matchhub.features.applications import workbook  # openpyxl costs every start what few requests need

    return workbook.write(part, document, ref)
