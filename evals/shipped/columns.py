"""How columns are read: currencies, units, dates, decimal marks, ids, time zones, placeholders, workbooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

from evals.cases import Case
from evals.shipped.reading import by, case, german, mean, number, sheet, table, total, turn, where


def currencies() -> Iterator[Case]:
    """Amounts of three currencies and weights of two units in one column."""
    file, kind = "invoices.csv", "mixed units"
    sums = by(table(file), "currency", "amount")
    for currency in ("EUR", "USD", "JPY"):
        ask = f"What is the total of the invoices in {currency}?"
        yield case(f"cur-{currency.lower()}", file, turn(ask, sums[currency]), kind=kind)
    yield case("cur-each", file, turn("Give me the total for each currency.", *sums.values()), kind=kind)
    file = "parcels.csv"
    grams = [number(row["weight"]) * (1000 if row["unit"] == "kg" else 1) for row in table(file)]
    yield case("unit-kg", file, turn("What do all parcels weigh together, in kg?", sum(grams) / 1000), kind=kind)
    yield case("unit-heaviest", file, turn("How heavy is the heaviest parcel, in kg?", max(grams) / 1000), kind=kind)
    file = "population.csv"
    people = total(table(file), "population (thousands)") * 1000
    yield case("unit-people", file, turn("How many people live in all these countries?", people), kind=kind)


def dates() -> Iterator[Case]:
    """Day first, month first, and two columns of dates."""
    kind = "dates"
    uk = [(datetime.strptime(row["date"], "%d/%m/%Y").date(), row) for row in table("uk_payments.csv")]
    us = [(datetime.strptime(row["date"], "%m/%d/%Y").date(), row) for row in table("us_payments.csv")]
    for month, name in ((2, "February"), (4, "April")):
        pounds = sum(number(row["amount_gbp"]) for day, row in uk if day.month == month)
        ask = f"How much was paid in {name} 2025? The file is from London."
        yield case(f"date-uk-{month}", "uk_payments.csv", turn(ask, pounds), kind=kind)
        dollars = sum(number(row["amount_usd"]) for day, row in us if day.month == month)
        ask = f"How much was paid in {name} 2025? The file is from Boston."
        yield case(f"date-us-{month}", "us_payments.csv", turn(ask, dollars), kind=kind)
    bookings = table("bookings.csv")
    travels = [row for row in bookings if date.fromisoformat(row["travel_date"]).month == 8]  # noqa: PLR2004
    ask = "How many bookings travel in August?"
    yield case("date-travel", "bookings.csv", turn(ask, len(travels)), kind=kind)
    booked = [row for row in bookings if date.fromisoformat(row["booked_on"]).month == 3]  # noqa: PLR2004
    ask = "What is the total price of what was booked in March?"
    yield case("date-booked", "bookings.csv", turn(ask, total(booked, "price")), kind=kind)
    days = [(date.fromisoformat(row["travel_date"]) - date.fromisoformat(row["booked_on"])).days for row in bookings]
    ask = "How many days lie between booking and travel, on average?"
    yield case("date-between", "bookings.csv", turn(ask, mean(days)), kind=kind)


def decimals() -> Iterator[Case]:
    """Decimal commas, points between thousands, brackets."""
    file, kind = "umsatz.csv", "decimal marks"
    rows = table(file, "cp1252", ";")
    sums = by(rows, "Filiale", "Umsatz (TEUR)", german)
    ask = "What is the total Umsatz of Köln, in TEUR?"
    yield case("dec-koeln", file, turn(ask, sums["Köln"]), kind=kind)
    ask = "Wie hoch ist der gesamte Umsatz aller Filialen in TEUR?"
    german_turn = turn(ask, sum(sums.values()), language="de")
    yield case("dec-gesamt", file, german_turn, kind=kind, locale="de-DE", timezone="Europe/Berlin")
    ask = "Wie viel Stück wurden in Bonn verkauft?"
    pieces = total(where(rows, Filiale="Bonn"), "Stück", german)
    yield case("dec-stueck", file, turn(ask, pieces, language="de"), kind=kind, locale="de-DE")
    margin = mean(german(row["Marge"]) for row in rows)
    yield case("dec-marge", file, turn("What is the mean Marge, unweighted?", margin), kind=kind)
    file = "accounts.tsv"
    accounts = table(file, delimiter="\t")
    yield case("dec-balance", file, turn("What is the total balance?", total(accounts, "balance")), kind=kind)
    overdrawn = [row for row in accounts if number(row["balance"]) < 0]
    yield case("dec-negative", file, turn("How many accounts are negative?", len(overdrawn)), kind=kind)


def ids() -> Iterator[Case]:
    """Codes that look like numbers, and moments of several time zones."""
    file, kind = "members.csv", "ids"
    rows = table(file)
    zips = Counter(row["zip"] for row in rows)
    ask = "Which zip code has the most members, and how many?"
    most = max(zips.values())
    yield case(
        "id-zip",
        file,
        turn(ask, most, words=["|".join(code for code, members in zips.items() if members == most)]),
        kind=kind,
    )
    member = rows[7]["member"]
    ask = f"What fee does member {member} pay?"
    yield case("id-member", file, turn(ask, number(rows[7]["fee"])), kind=kind)
    ask = "How many members live in zip code 01067, and what do they pay together?"
    dresden = where(rows, zip="01067")
    yield case("id-01067", file, turn(ask, len(dresden), total(dresden, "fee")), kind=kind)
    file, kind = "logins.csv", "time zones"
    moments = [datetime.fromisoformat(row["login_at"]).astimezone(UTC) for row in table(file)]
    days = Counter(moment.date() for moment in moments)
    day, most = days.most_common(1)[0]
    ask = "On which day in UTC were the most logins, and how many?"
    yield case("zone-day", file, turn(ask, most, words=[f"{day.day}"]), kind=kind)
    early = sum(moment.hour < 6 for moment in moments)  # noqa: PLR2004
    yield case("zone-night", file, turn("How many logins were before 06:00 UTC?", early), kind=kind)
    tenth = sum(moment.date() == date(2025, 3, 10) for moment in moments)
    yield case("zone-tenth", file, turn("How many logins were on 10 March 2025 in UTC?", tenth), kind=kind)


def placeholders() -> Iterator[Case]:
    """-999 for "nothing measured", notes above the header, a wide table."""
    kind = "placeholders"
    measured = [row for row in table("sensors.csv") if row["celsius"] != "-999"]
    average = mean(number(row["celsius"]) for row in measured)
    ask = "What is the mean temperature over all sensors?"
    yield case("gap-mean", "sensors.csv", turn(ask, average), kind=kind)
    coldest = min(measured, key=lambda row: number(row["celsius"]))
    ask = "What was the lowest temperature, and which sensor measured it?"
    yield case("gap-low", "sensors.csv", turn(ask, number(coldest["celsius"]), words=[coldest["sensor"]]), kind=kind)
    web = table("web.csv", skip=3)
    ask = "What is the conversion over all countries together, in percent?"
    yield case("gap-web", "web.csv", turn(ask, total(web, "buyers") / total(web, "visitors")), kind=kind)
    cities = table("temperatures.csv")
    warmest = max(cities, key=lambda row: number(row["Jun"]))
    ask = "Which city is the warmest in June, and how warm is it?"
    yield case("wide-june", "temperatures.csv", turn(ask, number(warmest["Jun"]), words=[warmest["city"]]), kind=kind)


def workbooks() -> Iterator[Case]:
    """Hidden sheets and rows, several sheets, a title above the header."""
    kind = "workbooks"
    spent, planned = sheet("budget.xlsx", "2025"), sheet("budget.xlsx", "Plan")
    it = sum(row["spent"] for row in spent if row["department"] == "IT")
    yield case("book-it", "budget.xlsx", turn("How much has IT spent in 2025?", it), kind=kind)
    over = sum(row["spent"] for row in spent) / sum(row["planned"] for row in planned) - 1
    ask = "By how many percent is spending in 2025 above or below plan, over all departments?"
    yield case("book-over", "budget.xlsx", turn(ask, over), kind=kind)
    months: Counter[int] = Counter()
    for row in spent:
        months[int(row["month"])] += row["spent"]
    ask = "In which month of 2025 was most spent, and how much?"
    yield case("book-month", "budget.xlsx", turn(ask, max(months.values())), kind=kind)
    stock = sheet("stock.xlsx", "Stock", 2)
    ask = "How many pieces are in stock in all? Hidden rows count, too."
    yield case("book-pieces", "stock.xlsx", turn(ask, sum(row["pieces"] for row in stock)), kind=kind)
    ask = "What is the whole stock worth (pieces times price)? Hidden rows count, too."
    yield case("book-worth", "stock.xlsx", turn(ask, sum(r["pieces"] * r["price"] for r in stock)), kind=kind)


PARTS = (currencies, dates, decimals, ids, placeholders, workbooks)
