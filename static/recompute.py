#!/usr/bin/env python3
"""核对活跃度测评：从结果页下载的表格重新算一遍得分和等级。

Recomputes the score and grade of an activity assessment from the table that its result page offers for download.

    python3 recompute.py CP-2026-001.csv               得分和等级 / score and grade
    python3 recompute.py CP-2026-001.csv inputs.json   同时核对冻结的文字和校验码 / the frozen text and its SHA-256 too

只需要 Python 3.8 以上，不用安装任何东西。It shares no code with the site: the rule is told here a second time, so that a
mistake in one of the two shows. Exit status 0: everything agrees; 1: something differs; 2: a file cannot be read.
"""

import csv
import hashlib
import json
import sys
from fractions import Fraction
from pathlib import Path

GRADES = ("excellent", "good", "pass", "improve")
NAMES = {"excellent": "excellent", "good": "good", "pass": "acceptable", "improve": "to_improve"}


def hundredths(value):
    """`value` (not negative) as a text with two places, a half rounded up."""
    whole = int(value * 100 + Fraction(1, 2))
    return f"{whole // 100}.{whole % 100:02d}"


def rounded(value):
    return Fraction(hundredths(value))


def read(rows):
    """The rows of the table as a dictionary: single values by code, visits, extras and vetoes as lists."""
    found = {"visits": [], "extras": [], "vetoes": [], "rule": {}}
    for code, _kind, _name, value, weight in rows:
        head, _, rest = code.partition(".")
        if head == "visit":
            found["visits"].append((Fraction(value), Fraction(weight)))
        elif head == "extra":
            found["extras"].append(Fraction(value))
        elif head == "veto":
            found["vetoes"].append(rest)
        elif head == "rule":
            found["rule"][rest] = Fraction(value)
        elif code.startswith("result.grade."):
            found["result.grade"] = code.rpartition(".")[2]
        else:
            found[code] = value
    return found


def recompute(found):
    """(C3 or None, score, grade) from what `read` gives; the numbers are texts with two places."""
    rule = found["rule"]
    weights = sum(weight for _score, weight in found["visits"])
    c3 = rounded(sum(score * weight for score, weight in found["visits"]) / weights) if weights else None
    daily = None if c3 is None else hundredths(c3)
    if found["vetoes"]:
        return daily, "0.00", "failed"
    if c3 is None:
        raise ValueError("no visit carries weight")
    parts = ((Fraction(found["input.c1"]), "c1"), (Fraction(found["input.c2"]), "c2"), (c3, "c3"))
    weighted = rounded(sum(points * rule["weight_" + part] for points, part in parts) / 100)
    score = min(weighted + min(sum(found["extras"]), rule["extra_points_cap"]), Fraction(100))
    grade = next((NAMES[name] for name in GRADES if rounded(score) >= rule["grade_" + name]), "failed")
    if is_unsatisfied(found) and grade in ("excellent", "good"):
        grade = "acceptable"
    return daily, hundredths(score), grade


def is_unsatisfied(found):
    """Whether enough people answered and too few of them were satisfied: then no grade above acceptable."""
    valid = Fraction(found.get("satisfaction.valid", "0"))
    if valid < max(found["rule"]["satisfaction_minimum_n"], 1):
        return False
    return Fraction(found["satisfaction.satisfied"]) * 100 < found["rule"]["satisfaction_floor"] * valid


def frozen_differs(found, text):
    """What the frozen text says otherwise than the table; sentences, none when they agree."""
    said = json.loads(text)["inputs"]
    if hashlib.sha256(text).hexdigest() != found["result.sha256"]:
        yield "校验码不符 / the SHA-256 differs"
    for part in ("c1", "c2"):
        if said[part] is not None and Fraction(said[part]) != Fraction(found["input." + part]):
            yield f"{part.upper()} 不符 / differs"
    if sorted(Fraction(visit["score"]) for visit in said["visits"]) != sorted(score for score, _ in found["visits"]):
        yield "督导走访得分不符 / the visits differ"
    if sorted(said["vetoes"]) != sorted(found["vetoes"]):
        yield "一票否决不符 / the vetoes differ"


def main(names):
    if len(names) not in (1, 2):
        print(__doc__)
        return 2
    try:
        table = Path(names[0]).read_text(encoding="utf-8-sig")
        found = read(list(csv.reader(table.splitlines()))[1:])
        text = Path(names[1]).read_bytes() if len(names) == 2 else None
    except (OSError, ValueError) as error:
        print(f"读不了这个文件 / this file cannot be read: {error}")
        return 2
    daily, score, grade = recompute(found)
    print(f"日常督导 C3  daily supervision  {daily or '–'}")
    print(f"得分 score  {score}  （页面上 / on the page: {found['result.score']}）")
    print(f"等级 grade  {grade}  （页面上 / on the page: {found['result.grade']}）")
    wrong = [] if Fraction(score) == Fraction(found["result.score"]) else ["得分不符 / the score differs"]
    wrong += [] if grade == found["result.grade"] else ["等级不符 / the grade differs"]
    wrong += [] if text is None else list(frozen_differs(found, text))
    print("\n".join(wrong) or "全部相符 / everything agrees")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
