"""Uploads are what they say they are, carry nothing hidden, and are kept whole or not at all."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from matchhub.core import files

LIMIT = 1024 * 1024


def picture(kind="JPEG", size=(40, 30), exif=None):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **({"exif": exif} if exif else {}))
    return out.getvalue()


def office(folder="word/", macro=False):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}document.xml", "<x/>")
        if macro:
            archive.writestr("word/vbaProject.bin", "macro")
    return out.getvalue()


def save(tmp_path, content, name, **more):
    return files.save(tmp_path, io.BytesIO(content), name, LIMIT, **more)


def test_a_picture_is_written_anew_without_its_place(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    hidden = b"<script>alert(1)</script>"
    stored = save(tmp_path, picture(exif=exif) + hidden, "现场.jpg")
    kept = files.path_of(tmp_path, stored.sha256).read_bytes()
    assert stored.media_type == "image/jpeg"
    assert hidden not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_large_picture_is_made_smaller(tmp_path):
    stored = save(tmp_path, picture(size=(2600, 1300)), "a.jpg")
    with Image.open(files.path_of(tmp_path, stored.sha256)) as kept:
        assert max(kept.size) == files.LONGEST_SIDE


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>1</script></html>", "a.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"),
        (b"MZ\x90", "a.exe"),
        (b"<html>", "a.jpg"),
        (b"GIF89a<script>", "a.png"),
        (b"no pdf %PDF-1.7", "a.pdf"),
        (b"PK\x03\x04broken", "a.docx"),
        (office("xl/"), "a.docx"),
        (office(macro=True), "a.docx"),
        (b"", "a.pdf"),
        (b"%PDF-" + b"0" * (LIMIT + 1), "a.pdf"),
    ],
)
def test_what_is_not_what_it_says_is_refused_by_name(tmp_path, content, name):
    with pytest.raises(files.BadFile, match=name):
        save(tmp_path, content, name)
    assert not list((tmp_path / "uploads").rglob("*")) if (tmp_path / "uploads").exists() else True


def test_an_archive_that_unfolds_into_too_much_is_refused(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "0" * (files.MOST_UNPACKED_BYTES + 1))
    with pytest.raises(files.BadFile, match="展开后过大"):
        save(tmp_path, out.getvalue(), "bomb.docx")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(files.BadFile):
        save(tmp_path, out.getvalue(), "bomb.png")


def test_good_files_of_each_kind_are_kept_by_their_content(tmp_path):
    for content, name in (
        (picture("PNG"), "a.png"),
        (b"%PDF-1.7 x", "b.pdf"),
        (office(), "c.docx"),
        (office("xl/"), "d.xlsx"),
    ):
        stored = save(tmp_path, content, name)
        again = save(tmp_path, content, f"other.{name[-4:].strip('.')}")
        assert stored.sha256 == again.sha256
        assert files.path_of(tmp_path, stored.sha256).stat().st_size == stored.size_bytes


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\x\\报告.pdf", "报告.pdf"),
        ('a"b\r\n.pdf', "ab.pdf"),
        ("...", "file"),
    ],
)
def test_a_name_is_only_a_name(typed, kept):
    assert files.clean_name(typed) == kept


def test_only_a_hash_is_an_address_in_the_store(tmp_path):
    with pytest.raises(ValueError, match="SHA-256"):
        files.path_of(tmp_path, "../../etc/passwd")
