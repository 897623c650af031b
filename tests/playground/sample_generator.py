"""Makes the playground's two sample tables; the same bytes every time.

Run: ``python -m tests.playground.sample_generator``.
"""

from __future__ import annotations

import csv
import io
import math
import random
from datetime import date, timedelta

from playground.samples import ENGLISH, FOLDER, JAPANESE

REGIONS = {
    "North": ("Sweden", "Norway", "Finland"),
    "South": ("Italy", "Spain", "Portugal"),
    "East": ("Poland", "Czechia", "Hungary"),
    "West": ("France", "Netherlands", "Belgium"),
}
REGION_WEIGHTS = {"North": 0.9, "South": 1.0, "East": 0.7, "West": 1.5}
CHANNELS = {"Online": 0.55, "Retail": 0.3, "Partner": 0.15}
PRODUCTS = {
    "Espresso Machine": ("Kitchen", 329.0, 0.61),
    "Hand Blender": ("Kitchen", 59.9, 0.55),
    "Kettle": ("Kitchen", 44.5, 0.52),
    "Desk Lamp": ("Home Office", 74.0, 0.48),
    "Monitor Arm": ("Home Office", 119.0, 0.57),
    "Office Chair": ("Home Office", 259.0, 0.63),
    "Trail Backpack": ("Outdoor", 139.0, 0.5),
    "Camping Stove": ("Outdoor", 84.9, 0.54),
    "Rain Jacket": ("Outdoor", 179.0, 0.46),
    "Yoga Mat": ("Fitness", 39.9, 0.42),
}
OUTDOOR_PEAK, GIFT_PEAK = 6, 12

STORES = {
    "札幌店": ("北海道", 0.8),
    "仙台店": ("東北", 0.7),
    "東京本店": ("関東", 1.9),
    "横浜店": ("関東", 1.3),
    "名古屋店": ("中部", 1.0),
    "大阪店": ("近畿", 1.5),
    "広島店": ("中国", 0.7),
    "福岡店": ("九州", 1.1),
}
GOODS = {
    "弁当": (580, 1.0),
    "飲料": (160, 1.6),
    "菓子": (240, 1.2),
    "惣菜": (420, 0.9),
    "日用品": (780, 0.5),
    "アイス": (210, 0.7),
}
PAYMENTS = {"現金": 0.35, "クレジットカード": 0.3, "電子マネー": 0.35}


def pick(chance: random.Random, weights: dict[str, float]) -> str:
    """One key, as likely as its weight says."""
    return chance.choices(list(weights), list(weights.values()))[0]


def days_of_2025(chance: random.Random, count: int, weight_of_month: list[float]) -> list[date]:
    """Sorted days; months are as likely as their weights say."""
    first = date(2025, 1, 1)
    days = [first + timedelta(days=number) for number in range(365)]
    weights = [weight_of_month[day.month - 1] * (1.15 if day.weekday() >= 5 else 1.0) for day in days]
    return sorted(chance.choices(days, weights, k=count))


def season(category: str, month: int) -> float:
    """How much more or less of a category is sold in a month."""
    if category == "Outdoor":
        return 1 + 0.6 * math.cos((month - OUTDOOR_PEAK) / 12 * 2 * math.pi)
    return 1.5 if month == GIFT_PEAK and category == "Kitchen" else 1.0


def english(rows: int = 2000) -> str:
    """Orders of a small European shop: growth over the year, seasons, a few gaps."""
    chance = random.Random(2025)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = "order_id,order_date,region,country,channel,product,category,units,unit_price,discount,revenue,cost"
    writer.writerow([*heads.split(","), "customer_rating"])
    growth = [0.8, 0.78, 0.88, 0.92, 1.0, 1.02, 0.95, 0.97, 1.08, 1.15, 1.3, 1.5]
    for number, day in enumerate(days_of_2025(chance, rows, growth), start=1):
        region = pick(chance, REGION_WEIGHTS)
        weights = {name: season(category, day.month) for name, (category, _, _) in PRODUCTS.items()}
        product = pick(chance, weights)
        category, price, cost_share = PRODUCTS[product]
        channel = pick(chance, CHANNELS)
        units = max(1, round(chance.lognormvariate(0.8 if channel == "Partner" else 0.4, 0.6)))
        price = round(price * chance.uniform(0.95, 1.05), 2)
        discount = chance.choice([0, 0, 0, 0, 0.05, 0.1, 0.15, 0.2])
        revenue = round(units * price * (1 - discount), 2)
        cost = round(units * price * cost_share * chance.uniform(0.95, 1.05), 2)
        rating = "" if chance.random() < 0.18 else str(min(5, max(1, round(chance.gauss(4.3 - discount, 0.8)))))
        shown_discount = "" if chance.random() < 0.015 else f"{discount:g}"
        shown_region = "" if chance.random() < 0.008 else region
        country = chance.choice(REGIONS[region])
        row = [f"SO-{number:05d}", day.isoformat(), shown_region, country, channel, product, category, units]
        writer.writerow([*row, f"{price:.2f}", shown_discount, f"{revenue:.2f}", f"{cost:.2f}", rating])
    return out.getvalue()


def japanese(rows: int = 1500) -> str:
    """Receipts of a chain of small shops: busy summers for ice cream, weekends, a few gaps."""
    chance = random.Random(813)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["日付", "店舗", "地域", "商品カテゴリ", "数量", "単価", "売上金額", "支払方法", "天気", "備考"])
    busy = [0.95, 0.9, 1.0, 1.0, 1.02, 1.0, 1.15, 1.2, 1.0, 1.0, 1.05, 1.3]
    for day in days_of_2025(chance, rows, busy):
        store = pick(chance, {name: weight for name, (_, weight) in STORES.items()})
        warm = day.month in {6, 7, 8, 9}
        weights = {name: weight * (2.5 if warm and name == "アイス" else 1.0) for name, (_, weight) in GOODS.items()}
        goods = pick(chance, weights)
        base, _ = GOODS[goods]
        price = int(round(base * chance.uniform(0.85, 1.2), -1))
        amount = max(1, round(chance.lognormvariate(2.2, 0.5)))
        weather = pick(chance, {"晴れ": 0.55, "曇り": 0.25, "雨": 0.2})
        quantity = "" if chance.random() < 0.012 else str(amount)
        note = "特売" if chance.random() < 0.08 else ""
        shown = f"{day.year}/{day.month}/{day.day}"
        row = [shown, store, STORES[store][0], goods, quantity, str(price), f"{price * amount:,}"]
        writer.writerow([*row, pick(chance, PAYMENTS), weather, note])
    return out.getvalue()


def main() -> None:
    """Write both files beside this script."""
    (FOLDER / ENGLISH).write_bytes(english().encode("utf-8"))
    (FOLDER / JAPANESE).write_bytes(japanese().encode("cp932"))


if __name__ == "__main__":
    main()
