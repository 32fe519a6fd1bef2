"""Which words in the name of a budget item speak of a fixed asset: data for the check, not words of the interface."""

from __future__ import annotations

# Things that last and stay with whoever bought them: the street buys services, so they are hired, borrowed or paid
# from other sources. A word is taken as a fixed asset wherever it stands in an item's name.
FIXED_ASSETS = (
    "电脑", "打印机", "复印机", "投影仪", "投影机", "空调", "电视机", "冰箱", "洗衣机", "照相机", "摄像机", "相机",
    "家具", "桌椅", "沙发", "文件柜", "汽车", "车辆购置", "购置车辆", "购车", "电动车", "设备购置", "购置设备", "购买设备", "装修",
)  # fmt: skip
# Hiring, repairing and supplying such a thing buys no fixed asset; "computer" may also be what people learn.
NOT_BOUGHT = ("租", "借", "维修", "维护", "耗材", "培训", "课", "保险", "检测", "运输", "搬运", "充电")


def fixed_asset(item: str) -> str | None:
    """The word by which a budget item is taken as a fixed asset; None when it is none."""
    if any(word in item for word in NOT_BOUGHT):
        return None
    return next((word for word in FIXED_ASSETS if word in item), None)
