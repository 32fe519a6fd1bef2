"""Pictures for the demonstration, drawn by code: scenes of activities, sign-in sheets and certificates. Nobody's face."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw

from matchhub.core import files
from matchhub.core.files import Stored

SIZE = (960, 640)
SKIES = ((228, 240, 239), (246, 239, 226), (231, 240, 250), (240, 236, 250))
HOUSES = ((168, 64, 43), (14, 90, 95), (138, 122, 46), (76, 123, 166))
SCENES = 8
LIMIT = 5 * 1024 * 1024


def _scene(number: int) -> Image.Image:
    """A street of houses and people as simple shapes, different for each number."""
    image = Image.new("RGB", SIZE, SKIES[number % len(SKIES)])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, 960, 640), fill=(214, 222, 216))
    for n in range(4):
        left, height = 40 + n * 230, 190 + (number * 37 + n * 53) % 130
        colour = HOUSES[(number + n) % len(HOUSES)]
        draw.rectangle((left, 470 - height, left + 180, 470), fill=(243, 238, 228), outline=(90, 100, 102), width=3)
        draw.polygon(((left - 12, 470 - height), (left + 90, 420 - height), (left + 192, 470 - height)), fill=colour)
        for row in range(height // 60):
            for column in range(3):
                x, y = left + 22 + column * 54, 490 - height + row * 58
                draw.rectangle((x, y, x + 28, y + 32), fill=(190, 212, 216))
    for n in range(5 + number % 4):
        x, y = 90 + n * 100, 500 + (n * 29 + number * 11) % 60
        draw.ellipse((x, y, x + 34, y + 34), fill=(232, 205, 178))
        draw.rounded_rectangle((x - 8, y + 34, x + 42, y + 104), 16, fill=HOUSES[(n + number) % len(HOUSES)])
    return image


def _sheet(number: int) -> Image.Image:
    """A sheet of paper with ruled lines and scribbles where names would stand."""
    image = Image.new("RGB", (720, 960), (252, 251, 247))
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 660, 110), fill=(14, 90, 95))
    for n in range(18):
        y = 160 + n * 42
        draw.line((60, y, 660, y), fill=(180, 190, 188), width=2)
        if n < 10 + number % 8:
            width = 60 + (n * 37 + number * 23) % 80
            draw.arc((90, y - 30, 90 + width, y - 4), 10, 340, fill=(40, 60, 66), width=3)
            draw.line((300, y - 14, 300 + width, y - 18), fill=(40, 60, 66), width=3)
    return image


def _certificate(number: int) -> Image.Image:
    image = Image.new("RGB", (960, 680), (250, 246, 236))
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, 936, 656), outline=(168, 64, 43), width=8)
    draw.rectangle((300, 90, 660, 140), fill=(168, 64, 43))
    for n in range(7):
        draw.line((140, 220 + n * 52, 460 + (n * 61 + number * 17) % 330, 220 + n * 52), fill=(90, 100, 102), width=6)
    draw.ellipse((690, 470, 850, 630), outline=(200, 60, 50), width=8)
    return image


DRAWN = {"scene": _scene, "sign_in": _sheet, "certificate": _certificate, "survey": _sheet}


def stored(instance: Path, kind: str, number: int) -> Stored:
    """The picture of this kind and number, in the store of `instance`; numbers begin again after `SCENES`."""
    return _stored(instance, kind, number % SCENES)


@lru_cache(maxsize=SCENES * len(DRAWN))
def _stored(instance: Path, kind: str, number: int) -> Stored:
    out = io.BytesIO()
    DRAWN[kind](number).save(out, "PNG")
    out.seek(0)
    names = {"scene": "活动照片", "sign_in": "签到表", "certificate": "登记证书", "survey": "调研问卷"}
    return files.save(instance, out, f"{names[kind]}{number + 1}.png", LIMIT)
