"""The columns of the CSV files: their titles and where their values are in the JSON."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    title: str
    path: str


def _same(*paths: str) -> tuple[Column, ...]:
    return tuple(Column(path, path) for path in paths)


OCDS = (
    *_same("ocid", "id", "date", "language", "buyer/id", "buyer/name", "tender/id", "tender/title",
           "tender/description", "tender/status", "tender/procurementMethod", "tender/procurementMethodDetails",
           "tender/procuringEntity/name", "tender/value/amount", "tender/value/currency",
           "tender/tenderPeriod/startDate", "tender/tenderPeriod/endDate", "tender/enquiryPeriod/endDate",
           "tender/contractPeriod/startDate", "tender/contractPeriod/endDate", "tender/standstillPeriod/startDate",
           "tender/standstillPeriod/endDate", "tender/numberOfTenderers"),
    Column("tender/tenderers/name", "tender/tenderers/*/name"),
    *_same("awards/0/id", "awards/0/status", "awards/0/date", "awards/0/value/amount", "awards/0/value/currency",
           "awards/0/suppliers/0/id", "awards/0/suppliers/0/name", "contracts/0/id", "contracts/0/awardID",
           "contracts/0/title", "contracts/0/status", "contracts/0/value/amount", "contracts/0/value/currency",
           "contracts/0/dateSigned", "contracts/0/period/startDate", "contracts/0/period/endDate"),
    Column("contracts/0/milestones/title", "contracts/0/milestones/*/title"),
    Column("contracts/0/milestones/status", "contracts/0/milestones/*/status"),
)  # fmt: skip

GIVING = (
    Column("Identifier", "id"), Column("Title", "title"), Column("Description", "description"),
    Column("Currency", "currency"), Column("Amount Awarded", "amountAwarded"), Column("Award Date", "awardDate"),
    Column("URL", "url"),
    Column("Planned Dates:Start Date", "plannedDates/0/startDate"),
    Column("Planned Dates:End Date", "plannedDates/0/endDate"),
    Column("Actual Dates:Start Date", "actualDates/0/startDate"),
    Column("Actual Dates:End Date", "actualDates/0/endDate"),
    Column("Recipient Org:Identifier", "recipientOrganization/0/id"),
    Column("Recipient Org:Name", "recipientOrganization/0/name"),
    Column("Recipient Org:Web Address", "recipientOrganization/0/url"),
    Column("Beneficiary Location:Name", "beneficiaryLocation/*/name"),
    Column("Beneficiary Location:Country Code", "beneficiaryLocation/0/countryCode"),
    Column("Funding Org:Identifier", "fundingOrganization/0/id"),
    Column("Funding Org:Name", "fundingOrganization/0/name"),
    Column("Funding Org:Department", "fundingOrganization/0/department"),
    Column("Grant Programme:Code", "grantProgramme/0/code"), Column("Grant Programme:Title", "grantProgramme/0/title"),
    Column("Grant Programme:URL", "grantProgramme/0/url"), Column("From An Open Call?", "fromOpenCall"),
    Column("Funding Type:Title", "fundingType/0/title"), Column("Classifications:Title", "classifications/*/title"),
    Column("Last modified", "dateModified"), Column("Data Source", "dataSource"),
)  # fmt: skip
