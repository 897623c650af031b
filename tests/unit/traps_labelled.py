"""Small tables with what leads computations astray in them, and as many that only look like it."""

# ruff: noqa: E501

from __future__ import annotations

from random import Random

from tables.traps.trap import TrapKind

Labelled = tuple[str, str, set[TrapKind]]


def _lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def _orders(number: int, *, seed: int = 1, ids: int = 1) -> list[str]:
    chance = Random(seed)
    regions = ["North", "South", "East", "West"]
    return [
        f"{ids + i},{chance.choice(regions)},{chance.randint(10, 999)}.{chance.randint(10, 99)}" for i in range(number)
    ]


WITH: list[Labelled] = [
    ("total below", _lines("region,sales", "North,10", "South,20", "West,5", "Total,35"), {"totals"}),
    ("grand total in capitals", _lines("item;amount", "A;1.5", "B;2.5", "C;3", "GRAND TOTAL;7"), {"totals"}),
    (
        "subtotals",
        _lines("region,shop,sales", "North,a,1", "North,b,2", "North Total,,3", "South,c,4", "South,d,5", "South Total,,9", "Grand Total,,12"),
        {"totals"},
    ),
    ("Japanese subtotals", _lines("支店,商品,売上", "東京,りんご,10", "東京,みかん,20", "小計,,30", "大阪,りんご,5", "大阪,みかん,6", "小計,,11", "合計,,41"), {"totals"}),
    ("German sum", _lines("Monat;Umsatz", "Januar;100", "Februar;200", "März;300", "Summe;600"), {"totals"}),
    ("total above", _lines("country,people", "All,60", "Italy,10", "France,20", "Spain,30"), {"totals"}),
    ("unlabelled last row", _lines("name,a,b", "x,1,10", "y,2,20", "z,3,30", "w,4,40", ",10,100"), {"totals"}),
    ("total after a blank line", _lines("region,sales", "North,10", "South,20", "West,5", "", "Total,35"), {"totals"}),
    ("rounded total", _lines("part,share", "a,33.33", "b,33.33", "c,33.33", "Total,100"), set[TrapKind]({"totals"})),
    ("total of a long file", _lines("day,sales", *[f"d{i},{i % 7 + 1}" for i in range(3000)], "Total,11995"), {"totals"}),
    ("negative total", _lines("post,amount", "rent,-100", "power,-20", "food,-30.5", "Total,-150.5"), {"totals"}),
    ("copies", _lines("order_id,region,sales", *_orders(20), _orders(20)[3], _orders(20)[7]), {"duplicate_rows"}),
    ("copies without a key", _lines("day,shop,till,sales", *[f"2024-01-{i:02},a,{i % 3},{i * 7}" for i in range(1, 20)], "2024-01-05,a,2,35"), {"duplicate_rows"}),
    ("key twice", _lines("order_id,region,sales", *_orders(20), "4,North,77.10"), {"duplicate_keys"}),
    ("customer twice", _lines("CustomerID,name,city", "1,Ann,Rome", "2,Ben,Oslo", "3,Cy,Bonn", "4,Di,Nice", "5,Ed,Linz", "6,Flo,Bern", "2,Benny,Oslo"), {"duplicate_keys"}),
    ("Japanese number twice", _lines("社員番号,氏名,部署", "A1,佐藤,営業", "A2,鈴木,総務", "A3,高橋,営業", "A4,田中,開発", "A5,伊藤,開発", "A3,渡辺,総務"), {"duplicate_keys"}),
    ("dollars and euros", _lines("item,price", "a,$10.50", "b,€9.90", "c,$12.00", "d,€3.20"), {"currencies"}),
    ("codes of currencies", _lines("item,price", "a,10.50 USD", "b,9.90 EUR", "c,12.00 USD", "d,3.20 USD"), {"currencies"}),
    ("yen and dollars", _lines("品目,価格", "a,1200円", "b,$12", "c,900円", "d,450円"), {"currencies"}),
    ("column of currencies", _lines("invoice,amount,currency", "a,10,EUR", "b,20,USD", "c,30,EUR", "d,5,GBP"), {"currencies"}),
    ("grams and kilos", _lines("parcel,weight", "a,500 g", "b,1.2 kg", "c,750 g", "d,2 kg"), {"units"}),
    ("centimetres and metres", _lines("plank;length", "a;120 cm", "b;2 m", "c;80 cm"), {"units"}),
    ("megabytes and gigabytes", _lines("file,size", "a,512 MB", "b,1.5 GB", "c,700 MB"), {"units"}),
    ("minutes and hours", _lines("task,spent", "a,30 min", "b,2 h", "c,45 min"), {"units"}),
    ("column of units", _lines("item,quantity,unit", "flour,500,g", "sugar,2,kg", "milk,1,l", "salt,30,g"), {"units"}),
    ("both orders", _lines("date,sales", "31/12/2024,1", "01/15/2025,2", "02/03/2025,3", "25/01/2025,4"), {"date_orders"}),
    ("unclear order", _lines("date,sales", "03/04/2025,1", "05/06/2025,2", "07/08/2025,3", "09/10/2025,4"), {"ambiguous_dates"}),
    ("unclear with dashes", _lines("date;sales", "01-02-2024;1", "02-03-2024;2", "03-04-2024;3", "04-05-2024;4"), {"ambiguous_dates"}),
    ("ISO and slashes", _lines("date,sales", "2024-01-15,1", "16/01/2024,2", "2024-01-17,3", "18/01/2024,4"), {"date_forms"}),
    ("words and ISO", _lines("date,sales", "2024-01-15,1", "16 Jan 2024,2", "2024-01-17,3", "18 Jan 2024,4"), {"date_forms"}),
    ("decimal commas", _lines("Artikel;Preis", "a;12,50", "b;3,99", "c;1.234,00", "d;7,25"), {"decimal_commas"}),
    ("decimal commas alone", _lines("Ort;Wert", "Ulm;0,5", "Jena;1,25", "Köln;2,75"), {"decimal_commas"}),
    ("both decimals", _lines("item;price", "a;12,50", "b;3.99", "c;7,25", "d;8.10"), {"mixed_decimals"}),
    ("leading zeros", _lines("zip,city,people", "01067,Dresden,5", "04109,Leipzig,7", "10115,Berlin,9", "20095,Hamburg,3"), {"number_ids"}),
    ("numbers of customers", _lines("customer_no,city,sales", "10442,Bonn,5", "10443,Ulm,7", "11899,Jena,9", "12001,Bonn,4"), {"number_ids"}),
    ("phones", _lines("name,phone,calls", "Ann,4930123456,3", "Ben,4989765432,4", "Cy,4940111222,1"), {"number_ids"}),
    ("rounded by Excel", _lines("ean,name,sold", "4.00638E+12,a,3", "4.00639E+12,b,4", "4.0064E+12,c,1"), {"number_ids"}),
    ("Japanese codes", _lines("商品コード,名前,数量", "1001,a,3", "1002,b,5", "1003,c,2", "1004,d,9"), {"number_ids"}),
    ("offsets", _lines("at,value", "2024-01-01T10:00:00+01:00,1", "2024-01-01T10:00:00Z,2", "2024-01-01T11:00:00+09:00,3"), {"time_zones"}),
    ("some with an offset", _lines("at,value", "2024-01-01 10:00:00,1", "2024-01-01 10:00:00Z,2", "2024-01-01 11:00:00,3"), {"time_zones"}),
    ("column of zones", _lines("at,timezone,value", "2024-01-01 10:00,UTC,1", "2024-01-01 10:00,Asia/Tokyo,2", "2024-01-02 10:00,UTC,3"), {"time_zones"}),
    (
        "several at once",
        _lines("Datum;Betrag", "03.04.2025;1.200,50", "05.06.2025;800,25", "07.08.2025;99,25", "Summe;2.100,00"),
        {"totals", "decimal_commas"},
    ),
]  # fmt: skip

WITHOUT: list[Labelled] = [
    (name, text, set())
    for name, text in {
        "plain": _lines("region,sales", "North,10", "South,20", "West,5"),
        "a brand called Total": _lines("brand,litres", "Shell,10", "Total,25", "Esso,40", "Aral,12"),
        "a product with the word": _lines("product,sold", "Total care,10", "Soft,20", "Total wash,31", "Fresh,12", "Bio,7"),
        "kinds of counts": _lines("metric,value", "total,12", "passed,8", "failed,2", "total,20", "passed,15", "failed,9"),
        "a column named total": _lines("order,net,total", "a,10,11.9", "b,20,23.8", "c,30,35.7"),
        "the last one is the sum by chance of few": _lines("day,sold", "Mon,1", "Tue,2", "Wed,3"),
        "growing": _lines("year,members", "2020,1", "2021,2", "2022,4", "2023,8", "2024,16"),
        "sum of insured": _lines("policy,sum insured", "a,1000", "b,2000", "c,3000"),
        "all as a group": _lines("group,score", "all,3.4", "men,3.1", "women,3.7", "young,2.9"),
        "orders with several lines": _lines("order_id,item,sold", "1,a,2", "1,b,3", "2,a,1", "2,c,5", "3,b,2", "3,a,9"),
        "customers who come again": _lines("day,customer_id,sales", *[f"2024-01-{i:02},C{i % 4},{i * 3}" for i in range(1, 20)]),
        "ratings": _lines("movie,rating,votes", *[f"m{i},{i % 5},{i * 11}" for i in range(20)]),
        "measurements": _lines("sensor,value", *[f"s{i % 3},{20 + i % 2}" for i in range(30)]),
        "two columns alike": _lines("answer,count", "yes,1", "no,1", "yes,1", "no,1", "yes,1"),
        "one currency": _lines("item,price", "a,$10.50", "b,$9.90", "c,$12.00"),
        "one code": _lines("item,price,currency", "a,10,EUR", "b,20,EUR", "c,30,EUR"),
        "price with and without a sign": _lines("item,price", "a,$10.50", "b,9.90", "c,12.00"),
        "one unit": _lines("parcel,weight", "a,500 g", "b,120 g", "c,750 g"),
        "units of different things": _lines("item,quantity,unit", "flour,500,bags", "milk,20,boxes", "salt,30,pallets"),
        "per cents": _lines("shop,growth", "a,5%", "b,-3%", "c,12%"),
        "day first for sure": _lines("date,sales", "31/12/2024,1", "15/01/2025,2", "02/03/2025,3"),
        "month first for sure": _lines("date,sales", "12/31/2024,1", "01/15/2025,2", "02/03/2025,3"),
        "ISO": _lines("date,sales", "2024-01-02,1", "2024-03-04,2", "2024-05-06,3"),
        "German dates": _lines("Datum;Umsatz", "03.04.2025;1", "05.06.2025;2", "07.08.2025;3", "09.10.2025;4"),
        "Japanese dates": _lines("日付,売上", "2024年1月2日,1", "2024年3月4日,2", "2024年5月6日,3"),
        "first of the months": _lines("month,sales", "01/01/2025,1", "02/02/2025,2", "03/03/2025,3"),
        "thousands": _lines('city,people', 'a,"1,234"', 'b,"2,345"', 'c,"12,345,678"'),
        "points": _lines("item;price", "a;12.50", "b;3.99", "c;1,234.00"),
        "coordinates": _lines("place,lat,lon", "a,52.5200,13.4050", "b,48.1371,11.5754", "c,50.9375,6.9603"),
        "small ids": _lines("id,name,sold", "1,a,10", "2,b,20", "3,c,15", "4,d,5"),
        "years": _lines("year,sales", "2019,10", "2020,20", "2021,15", "2022,35"),
        "numbers of things": _lines("shop,number_of_orders,no_shows", "a,1200,100", "b,1300,120", "c,1250,140"),
        "zero and whole": _lines("shop,sold", "a,0", "b,10", "c,7", "d,0"),
        "one offset": _lines("at,value", "2024-01-01T10:00:00Z,1", "2024-01-01T11:00:00Z,2", "2024-01-01T12:00:00Z,3"),
        "no offset": _lines("at,value", "2024-01-01 10:00:00,1", "2024-01-01 11:00:00,2", "2024-01-01 12:00:00,3"),
        "times of day": _lines("bus,leaves", "a,10:00", "b,11:30", "c,12:15"),
        "versions": _lines("version,downloads", "1.2.3,10", "1.2.4,20", "1.3.0,15"),
        "words": _lines("name,comment", "Ann,all good", "Ben,the sum is right", "Cy,total loss"),
        "codes of letters": _lines("sku,sold", "A12,10", "B7,20", "C99,15"),
        "many rows": _lines("order_id,region,sales", *_orders(400)),
        "wide scores": _lines("pupil,maths,art,music", "a,1,2,3", "b,2,2,1", "c,3,1,2", "d,1,1,1"),
        "missing cells": _lines("shop,sold", "a,10", "b,", "c,n/a", "d,7"),
    }.items()
]  # fmt: skip

LATER: list[Labelled] = [
    ("quarters", _lines("Department,Q1,Q2", "HR,100,120", "IT,300,310", "Ops,50,55", "Total,450,485"), {"totals"}),
    ("Japanese regions", _lines("地域,売上", "関東,120", "関西,80", "九州,40", "総計,240"), {"totals"}),
    ("German sums and commas", _lines("Kategorie;Anzahl;Wert", "A;1;10,5", "B;2;20,5", "Zwischensumme;3;31,0", "C;4;5,25", "D;1;1,75", "Zwischensumme;5;7,0", "Gesamt;8;38,0"), {"decimal_commas", "totals"}),
    ("sku twice", _lines("sku,name,price", "A-100,x,5.5", "A-101,y,6.5", "A-102,z,7.5", "A-103,u,8.5", "A-104,v,9.5", "A-101,y2,6.0"), {"duplicate_keys"}),
    ("invoice twice", _lines("Invoice No,Customer,Amount", "INV1,Ann,10", "INV2,Ben,20", "INV3,Cy,30", "INV4,Di,40", "INV5,Ed,50", "INV3,Cy,30"), {"duplicate_rows"}),
    ("francs and euros", _lines("product,cost", "a,CHF 10", "b,EUR 12", "c,CHF 9", "d,EUR 4"), {"currencies"}),
    ("milligrams and grams", _lines("sample,dose", "a,5 mg", "b,0.5 g", "c,10 mg"), {"units"}),
    ("times in both orders", _lines("when,n", "13/01/2024 10:00,1", "01/14/2024 11:00,2", "15/01/2024 09:00,3", "02/16/2024 08:00,4"), {"date_orders"}),
    ("short years", _lines("Date,Close", "1/2/24,10.5", "1/3/24,10.7", "1/4/24,10.9", "1/5/24,11.1", "1/8/24,11.3"), {"ambiguous_dates"}),
    ("balances of accounts", _lines("Konto;Saldo", "4711001;-1.250,75", "4711002;300,10", "4711003;12,00"), {"decimal_commas", "number_ids"}),
    ("German postcodes", _lines("plz,einwohner", "01067,5000", "01069,7000", "01097,8000"), {"number_ids"}),
    ("two offsets", _lines("ts,host,ms", "2024-05-01T00:00:00+02:00,a,5", "2024-05-01T00:00:00+00:00,b,6", "2024-05-01T01:00:00+02:00,a,7"), {"time_zones"}),
    ("sum in small letters", _lines("store,jan,feb", "a,10,20", "b,30,40", "c,5,5", "sum,45,65"), {"totals"}),
    ("ccy", _lines("amount,ccy,who", "10,JPY,a", "20,USD,b", "30,JPY,c"), {"currencies"}),
    ("slashes and points", _lines("order date,qty", "2024/01/05,1", "5.2.2024,2", "2024/03/07,3", "8.4.2024,4"), {"date_forms"}),
    ("nothing 0", _lines("team,wins,losses", "Reds,10,5", "Blues,8,7", "Greens,3,12"), set()),
    ("nothing 1", _lines("Name,Age,City", "Ann,34,Rome", "Ben,28,Oslo", "Cy,45,Bonn"), set()),
    ("nothing 2", _lines("date,temp,humidity", "2024-01-01,3.5,80", "2024-01-02,4.1,75", "2024-01-03,-1.0,90"), set()),
    ("nothing 3", _lines("question,total responses,percent", "Q1,100,50%", "Q2,90,45%", "Q3,110,55%"), set()),
    ("nothing 4", _lines("item,price (EUR),stock", "a,12.5,10", "b,7.25,0", "c,3.0,4"), set()),
    ("nothing 5", _lines("employee_id,dept,salary", "E1,HR,50000", "E2,IT,60000", "E3,IT,65000", "E4,Ops,40000", "E5,HR,52000"), set()),
    ("nothing 6", _lines("Startdatum;Enddatum;Projekt", "01.02.2024;15.03.2024;A", "05.06.2024;30.09.2024;B", "10.10.2024;31.12.2024;C"), set()),
    ("nothing 7", _lines("month,revenue,cost", "Jan,100,80", "Feb,120,85", "Mar,90,70", "Apr,130,100"), set()),
    ("nothing 8", _lines("url,visits", "/home,1000", "/about,200", "/total-war,50"), set()),
    ("nothing 9", _lines("country,gdp_billion,pop_million", "US,25000,331", "DE,4200,83", "JP,4230,125"), set()),
    ("nothing 10", _lines("survived,pclass,sex,age", "0,3,male,22", "1,1,female,38", "1,3,female,26", "1,1,female,35", "0,3,male,35", "0,3,male,", "0,1,male,54"), set()),
    ("nothing 11", _lines("sepal_length,sepal_width,species", "5.1,3.5,setosa", "4.9,3.0,setosa", "4.7,3.2,setosa", "5.1,3.5,setosa", "5.8,2.7,virginica"), set()),
    ("nothing 12", _lines("order_id,product_id,quantity", "1,10,2", "1,11,1", "2,10,5", "3,12,1", "3,10,1"), set()),
    ("nothing 13", _lines("time,speed", "10:00,5.5", "10:05,6.1", "10:10,5.9"), set()),
    ("nothing 14", _lines("氏名,点数,順位", "佐藤,80,2", "鈴木,90,1", "高橋,70,3"), set()),
]  # fmt: skip
"""Written after the code, and before it was tried on them: 16 of 17 traps were found, and nothing else."""
