"""The demonstration as open data: whole chains that keep the standards' rules, and nothing that is not public."""

from __future__ import annotations

import csv
import io
import json

import pytest
import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.documents.opendata import dictionary
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Attachment,
    Need,
    NeedState,
    Notice,
    NoticeState,
    Objection,
    Organisation,
    OrganisationState,
    User,
)
from matchhub.features.opendata import exporting, queries
from tests.opendata import rules

BY = "https://example.org"


@pytest.fixture
def files(demo_app):
    by = queries.publisher(BY)
    made = {name: "".join(make(by)) for name, make in exporting.FILES.items()}
    return made | {"ocds-releases.json": "".join(exporting.releases_json(by, 0))}


def test_the_records_keep_the_rules_of_ocds(files):
    package = json.loads(files["ocds.json"])
    assert rules.package_problems(package, "records") == []
    assert len(package["records"]) > 20
    for record in package["records"]:
        assert rules.record_problems(record) == [], record["ocid"]


def test_the_releases_keep_the_rules_and_follow_the_ledger(files):
    package = json.loads(files["ocds-releases.json"])
    assert rules.package_problems(package, "releases") == []
    numbers = [int(one["id"].split("-")[-2]) for one in package["releases"]]
    assert numbers == sorted(set(numbers))
    for release in package["releases"]:
        assert rules.release_problems(release) == [], release["id"]


def test_records_and_releases_tell_the_same(files):
    embedded = {one["id"]: one for record in json.loads(files["ocds.json"])["records"] for one in record["releases"]}
    assert embedded == {one["id"]: one for one in json.loads(files["ocds-releases.json"])["releases"]}


def test_a_whole_chain_is_there_from_the_call_to_the_assessment(files):
    chains = [[one["tag"][0] for one in record["releases"]] for record in json.loads(files["ocds.json"])["records"]]
    whole = ["tender", "award", "awardUpdate", "contract", "contractUpdate", "implementation", "contractTermination"]
    assert whole in chains
    assert {"tenderUpdate", "tenderCancellation"} <= {tag for chain in chains for tag in chain}


def test_the_grants_keep_the_rules_of_360giving(files):
    package = json.loads(files["360giving.json"])
    assert package["version"] and package["publisher"]["name"] and rules.is_address(package["license"])
    assert rules.is_moment(package["issued"]) and len(package["grants"]) > 10
    assert len({one["id"] for one in package["grants"]}) == len(package["grants"])
    for grant in package["grants"]:
        assert rules.grant_problems(grant) == [], grant["id"]


def test_the_tables_have_a_line_for_each_item(files):
    for name, key in (("ocds", "records"), ("360giving", "grants")):
        text = files[f"{name}.csv"]
        assert text.startswith("\ufeff")
        rows = list(csv.DictReader(io.StringIO(text[1:])))
        assert len(rows) == len(json.loads(files[f"{name}.json"])[key])
    paid = [row for row in rows if row["Amount Awarded"]]
    assert len(paid) == len(rows) and all(float(row["Amount Awarded"]) > 0 for row in paid)


def test_the_dictionary_knows_every_field_and_no_other(files):
    parts = {part.anchor: {path for path, _meaning in part.rows} for part in dictionary.PARTS}
    package, grants = json.loads(files["ocds.json"]), json.loads(files["360giving.json"])
    releases = [one for record in package["records"] for one in [*record["releases"], record["compiledRelease"]]]
    found = {path for release in releases for path, _value in rules.leaves(release)}
    known = set().union(*(parts[f"ocds-{name}"] for name in ("release", "tender", "awards", "contracts")))
    assert found <= known
    # What the demonstration has no case of: everything else in the dictionary occurs in it.
    assert known - found <= {"tender/procurementMethodDetails"}
    assert {path for one in grants["grants"] for path, _value in rules.leaves(one)} == parts["giving-grant"]
    heads = {key: value for key, value in grants.items() if key != "grants"}
    assert {path for path, _value in rules.leaves(heads)} | {"publisher/identifier"} == parts["giving-package"]
    heads = {key: value for key, value in package.items() if key != "records"}
    absent = {"publisher/scheme", "publisher/uid", "links/next"}
    assert {path for path, _value in rules.leaves(heads)} | absent == parts["ocds-package"]


def test_the_dictionary_knows_every_code(files):
    lists = {path: {code for code, _meaning in rows} for path, rows in dictionary.CODES}
    for record in json.loads(files["ocds.json"])["records"]:
        for one in [*record["releases"], record["compiledRelease"]]:
            for path, value in rules.leaves(one):
                assert path not in lists or value in lists[path], (path, value)


def test_no_file_tells_who_people_are(files):
    people = set(db.session.scalars(sa.select(User.name)))
    people |= {name for (name,) in db.session.execute(sa.select(Need.contact_name)) if name}
    people |= {name for pair in db.session.execute(sa.select(Organisation.contact_name, Organisation.legal_representative))
               for name in pair if name}  # fmt: skip
    people |= set(db.session.scalars(sa.select(Objection.name)))
    phones = {phone for phone in db.session.scalars(sa.select(Organisation.contact_phone)) if phone}
    phones |= {phone for phone in db.session.scalars(sa.select(Need.contact_phone)) if phone}
    phones |= {phone for phone in db.session.scalars(sa.select(User.phone)) if phone}
    contacts = set(db.session.scalars(sa.select(Objection.contact))) | set(db.session.scalars(sa.select(User.email)))
    assert len(people) > 20 and phones and contacts
    for name, text in files.items():
        for secret in people | phones | {one for one in contacts if one}:
            assert secret not in text, (name, secret)


def test_no_file_knows_of_drafts_and_of_applications(files):
    hidden = set(db.session.scalars(sa.select(Application.ref)))
    hidden |= set(db.session.scalars(sa.select(Attachment.code)))
    hidden |= set(db.session.scalars(sa.select(Objection.ref))) | set(
        db.session.scalars(sa.select(Objection.follow_code))
    )
    unpublished = sa.select(Need.ref).where(
        Need.state.in_([NeedState.DRAFT, NeedState.INTERNAL_REVIEW, NeedState.DECLINED])
    )
    hidden |= set(db.session.scalars(unpublished))
    hidden |= set(db.session.scalars(sa.select(Notice.ref).where(Notice.state == NoticeState.DRAFT)))
    waiting = [
        OrganisationState.DRAFT,
        OrganisationState.PENDING,
        OrganisationState.RETURNED,
        OrganisationState.REFUSED,
    ]
    hidden |= set(db.session.scalars(sa.select(Organisation.name).where(Organisation.state.in_(waiting))))
    assert len(hidden) > 30
    for name, text in files.items():
        for secret in hidden:
            assert secret not in text, (name, secret)


def test_who_applied_is_told_by_the_notice_alone(files):
    """Before it the record of a need names the street and its section, however many have applied."""
    records = {one["ocid"].partition("-XQ")[2]: one for one in json.loads(files["ocds.json"])["records"]}
    applied = sa.select(Application.need_id).where(Application.state != ApplicationState.DRAFT)
    busy = sa.select(Need).where(Need.id.in_(applied))
    calls = [need for need in db.session.scalars(busy) if need.state in (NeedState.OPEN, NeedState.REVIEWING)]
    assert calls
    for need in calls:
        whole = records[need.ref.removeprefix("XQ")]["compiledRelease"]
        assert {role for party in whole["parties"] for role in party["roles"]} == {"buyer", "procuringEntity"}
        assert "numberOfTenderers" not in whole["tender"] and "awards" not in whole
