"""The page of open data, the files as they are sent, and the command."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from flask import has_request_context

from matchhub.core.db import command
from matchhub.domain import reference
from matchhub.domain.models import Setting
from tests import factories as make
from tests.opendata import rules
from tests.opendata.conftest import deed


@pytest.fixture
def visitor(client_as):
    return client_as(None)


@command
def put(key, value):
    from matchhub.core.db import db

    db.session.get(Setting, key).value = value
    reference.forget()


def test_everybody_reads_what_is_offered_and_on_which_terms(visitor):
    page = visitor.get("/open").text
    assert "可以自由使用、转载和再加工" in page and "数据字典" in page and "contracts/milestones/status" in page
    for name in ("ocds.json", "ocds.csv", "ocds-releases.json", "360giving.json", "360giving.csv"):
        assert f'href="/open/{name}"' in page
        assert visitor.get(f"/open/{name}").status_code == 200


def test_the_dictionary_is_there_in_english(visitor):
    visitor.set_cookie("lang", "en")
    page = visitor.get("/open").text
    assert "Data dictionary" in page and "You may use, share and adapt the data freely" in page
    assert "Reference of the need" in page and "需求编号" not in page


def test_footer_and_site_map_lead_there(visitor):
    assert 'href="/open"' in visitor.get("/").text
    assert visitor.get("/sitemap").text.count('href="/open"') == 2
    assert "/open<" in visitor.get("/sitemap.xml").text


def test_the_files_may_be_read_by_other_sites(visitor):
    deed(make.need(), "publish")
    answer = visitor.get("/open/ocds.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.content_type == "application/json; charset=utf-8" and "Set-Cookie" not in answer.headers
    package = json.loads(answer.get_data())
    assert rules.package_problems(package, "records") == [] and len(package["records"]) == 1
    table = visitor.get("/open/ocds.csv")
    assert table.content_type == "text/csv; charset=utf-8" and "ocds.csv" in table.headers["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(table.get_data().decode("utf-8-sig")))
    assert row["ocid"] == package["records"][0]["ocid"]


def test_a_file_is_sent_in_pieces_and_leaves_nothing_open(visitor):
    """A reader who is slow, leaves, or asks only for the head keeps no context, no transaction and no file."""
    for _ in range(3):
        deed(make.need(background="长" * 40_000), "publish")
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"Accept-Encoding": "gzip"})):
        answer = visitor.open("/open/ocds.json", method=method, headers=headers, buffered=False)
        assert answer.is_streamed or method == "HEAD"
        assert not has_request_context()
        if method == "GET" and not headers:
            pieces = list(answer.iter_encoded())
            assert len(pieces) > 1 and sum(map(len, pieces)) == answer.content_length
        answer.close()


def test_a_zipped_file_says_the_same_and_an_unchanged_one_is_not_sent_again(visitor):
    deed(make.need(), "publish")
    plain = visitor.get("/open/ocds.json")
    zipped = visitor.get("/open/ocds.json", headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.get_data()) == plain.get_data()
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    again = visitor.get("/open/ocds.json", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304 and again.get_data() == b""
    deed(make.need(), "publish")
    assert visitor.get("/open/ocds.json", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 200


def test_a_file_does_not_depend_on_who_asks(visitor, client_as):
    make.need()
    make.organisation(name="待核验的机构")
    assert client_as(make.approver()).get("/open/ocds.json").get_data() == visitor.get("/open/ocds.json").get_data()


@pytest.mark.parametrize("after", ["", "-1", "abc", "1e9", "٣", "9" * 40, "%00"])
def test_a_number_that_is_none_counts_as_the_beginning_or_is_refused(visitor, after):
    deed(make.need(), "publish")
    answer = visitor.get(f"/open/ocds-releases.json?after={after}")
    assert answer.status_code == (400 if after == "%00" else 200)
    assert after == "%00" or len(json.loads(answer.get_data())["releases"]) == 1


def test_after_the_last_deed_there_is_nothing_more(visitor):
    seq = deed(make.need(), "publish")
    package = json.loads(visitor.get(f"/open/ocds-releases.json?after={seq}").get_data())
    assert package["releases"] == [] and "links" not in package


def test_prefixes_publisher_and_licence_are_settings(visitor):
    deed(make.need(), "publish")
    put("open_ocid_prefix", "ocds-a1b2c3")
    put("open_publisher_uscc", "11310107002451234A")
    put("open_licence_url", "https://example.org/licence")
    package = json.loads(visitor.get("/open/ocds.json").get_data())
    assert package["license"] == "https://example.org/licence"
    assert package["publisher"]["uid"] == "11310107002451234A"
    record = package["records"][0]
    assert (
        record["ocid"].startswith("ocds-a1b2c3-XQ-")
        and record["compiledRelease"]["buyer"]["id"] == "CN-USCI-11310107002451234A"
    )


def test_without_the_address_of_a_licence_no_file_names_one(visitor):
    put("open_licence_url", "")
    for name in ("ocds.json", "360giving.json", "ocds-releases.json"):
        assert "license" not in json.loads(visitor.get(f"/open/{name}").get_data())
    assert 'rel="license' not in visitor.get("/open").text


@pytest.mark.parametrize("kind", ["ocds", "360giving"])
def test_the_command_writes_the_same_files(app, visitor, tmp_path, kind):
    deed(make.project().need, "publish")
    runner = app.test_cli_runner()
    for ending in ("json", "csv"):
        out = tmp_path / f"file.{ending}"
        assert runner.invoke(args=["opendata", kind, "--out", str(out)]).exit_code == 0
        assert out.read_bytes() == visitor.get(f"/open/{kind}.{ending}").get_data()
    printed = runner.invoke(args=["opendata", kind]).stdout_bytes
    assert printed == (tmp_path / "file.json").read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["file.csv", "file.json"]


def test_the_command_knows_two_kinds(app):
    assert app.test_cli_runner().invoke(args=["opendata", "atom"]).exit_code == 2
