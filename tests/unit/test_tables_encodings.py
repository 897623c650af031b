"""T6: a code page is found by the language that is written in it, in whatever bytes that takes."""

from __future__ import annotations

import io
import unicodedata

import pytest

from tables.encodings import detect

TEXTS: dict[str, tuple[str, ...]] = {
    "Greek": (
        "Όνομα,Πόλη,Πωλήσεις\nΓιώργος,Αθήνα,120\nΜαρία,Θεσσαλονίκη,95\n",
        "ημερομηνία;περιοχή;ποσό\n2026-01-05;Αττική;1200\n2026-01-06;Κρήτη;900\n",
        "id,ΠΡΟΪΟΝ\n1,ΚΑΦΕΣ\n2,ΓΑΛΑ\n",
        "Άρθρο,Τιμή\nΆλφα,3\n",
        "name,city\nPapadopoulos,Αθήνα\n",
    ),
    "Russian": (
        "дата,город,продажи\n2026,Москва,120\n2026,Казань,33\n",
        "ФИО;Должность\nИванов Иван Иванович;инженер\nПетрова Анна;бухгалтер\n",
        "Товар,Цена\nМолоко,80\nХлеб,45\n",
        "id,РЕГИОН\n1,МОСКВА\n2,ТВЕРЬ\n",
    ),
    "Ukrainian": ("місто,виручка\nКиїв,120\nЛьвів,95\nЄвпаторія,7\n", "дата;область\n2026;Київська\n2026;Одеська\n"),
    "Hebrew": (
        "שם,עיר,סכום\nדוד,ירושלים,120\nשרה,תל אביב,95\n",
        "תאריך;מוצר\n2026;קפה\n2026;חלב\n",
        "id,עיר\n1,חיפה\n",
    ),
    "Arabic": (
        "الاسم,المدينة,المبلغ\nمحمد,القاهرة,120\nفاطمة,الرياض,95\n",
        "التاريخ;المنتج\n2026;قهوة\n",
        "id,مدينة\n1,دبي\n",
    ),
    "Thai": (
        "ชื่อ,จังหวัด,ยอดขาย\nสมชาย,กรุงเทพ,120\nสมหญิง,เชียงใหม่,95\n",
        "วันที่;สินค้า\n2026;กาแฟ\n2026;นม\n",
        "id,เมือง\n1,ภูเก็ต\n",
    ),
    "Turkish": (
        "Ad,Şehir,Satış\nAyşe,İstanbul,120\nMehmet,Diyarbakır,95\n",
        "bölge;tutar\nKadıköy;5\nBeyoğlu;7\n",
        "id,ürün\n1,çay\n2,süt\n",
        "AD,ŞEHİR\nIŞIK,MUĞLA\n",
    ),
    "Lithuanian": (
        "Vardas,Miestas,Pardavimai\nJonas,Šiauliai,12\nŽivilė,Panevėžys,9\nEglė,Kaunas,4\n",
        "prekė;kiekis\nsūris;5\nžuvis;2\nąsotis;3\n",
    ),
    "Latvian": ("Vārds,Pilsēta\nJānis,Rīga\nKārlis,Jēkabpils\nĶekava,Ādaži\n", "prece;daudzums\nšķīvis;3\nkrēsls;4\n"),
    "Estonian": ("nimi,linn\nJüri,Võru\nÜlle,Põlva\nMärt,Jõhvi\n",),
    "Vietnamese": (
        "Tên,Thành phố,Doanh thu\nNguyễn,Hà Nội,120\nTrần,Đà Nẵng,95\n",
        "ngày;khu vực\n1;miền Bắc\n2;Cần Thơ\n",
        "id,sản phẩm\n1,cà phê\n2,sữa\n",
    ),
    "Polish": (
        "imię,miasto\nMichał,Łódź\nGrażyna,Gdańsk\nZbigniew,Kraków\n",
        "województwo;wartość\nśląskie;5\nłódzkie;4\n",
    ),
    "Czech": ("Příjmení,Město\nDvořák,Plzeň\nŠťastný,Brno\nČerný,Děčín\n", "částka;měsíc\n5;září\n7;říjen\n"),
    "Hungarian": ("név,város\nGyőző,Győr\nÁgnes,Szőny\nBéla,Űrbottyán\n",),
    "Croatian": ("ime,grad\nMarko Kovačević,Šibenik\nŽeljko Đurić,Čakovec\n",),
    "German": ("Ort;Umsatz\nMünchen;1.200,50\nKöln;900\n", "Straße,Größe\nÄußere Gasse,5\n"),
    "French": ("prénom,ville\nHélène,Besançon\nBenoît,Nîmes\nAnaïs,Orléans\n", "année;coût\n2026;12\n"),
    "Spanish": ("año,región\n2026,Aragón\n2026,Cataluña\n", "José,Málaga\nÍñigo,Córdoba\n"),
    "Portuguese": ("nome,cidade\nJoão,São Paulo\nConceição,Brasília\nAntônio,Maceió\n",),
    "Danish": ("navn,by\nSøren,Århus\nKjær,Ærø\n",),
    "Swedish": ("namn,ort\nÅsa,Malmö\nBjörn,Östersund\n",),
    "Icelandic": ("nafn,borg\nÞórður,Reykjavík\nGuðrún,Ísafjörður\nBjörn,Höfn\n",),
    "several": (
        "name,city\nJosé,São Paulo\nFrançois,Besançon\nMüller,Köln\nSøren,Århus\n",
        "unit,price\nm²,10 €\n°C,5 £\n",
    ),
}
CODECS: dict[str, tuple[str, ...]] = {
    "Greek": ("cp1253", "iso8859_7", "cp737"),
    "Russian": ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic"),
    "Ukrainian": ("cp1251", "koi8_u", "mac_cyrillic"),
    "Hebrew": ("cp1255", "iso8859_8", "cp862"),
    "Arabic": ("cp1256", "iso8859_6"),
    "Thai": ("cp874", "tis_620", "iso8859_11"),
    "Turkish": ("cp1254", "iso8859_9", "cp857"),
    "Lithuanian": ("cp1257", "iso8859_13", "cp775"),
    "Latvian": ("cp1257", "iso8859_13", "cp775"),
    "Estonian": ("cp1257", "iso8859_13"),
    "Vietnamese": ("cp1258",),
    "Polish": ("cp1250", "iso8859_2", "cp852"),
    "Czech": ("cp1250", "iso8859_2", "cp852"),
    "Hungarian": ("cp1250", "iso8859_2"),
    "Croatian": ("cp1250", "iso8859_2"),
    "Swedish": ("cp1252", "mac_roman"),
    "Icelandic": ("cp1252",),
    "several": ("cp1252",),
}
WESTERN = ("cp1252", "mac_roman", "cp850")
CASES = [
    (language, text, codec)
    for language, texts in TEXTS.items()
    for text in texts
    for codec in CODECS.get(language, WESTERN)
]


def encoded(text: str, codec: str) -> bytes:
    """The bytes of a text; code page 1258 takes tones as marks after their vowels."""
    if codec == "cp1258":
        text = "".join(char if _fits(char, codec) else _with_mark(char) for char in text)
    return text.encode(codec)


def _fits(char: str, codec: str) -> bool:
    try:
        return bool(char.encode(codec))
    except UnicodeEncodeError:
        return False


def _with_mark(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    base, marks = parts[0], parts[1:]
    tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
    shape = "".join(mark for mark in marks if mark not in tones)
    return unicodedata.normalize("NFC", base + shape) + "".join(tones)


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("language", "text", "codec"), CASES)
def test_t6_the_code_page_found_reads_the_text_as_it_was_written(language: str, text: str, codec: str) -> None:
    data = encoded(text, codec)
    found = detect(io.BytesIO(data), len(data))
    assert found.clean
    assert unicodedata.normalize("NFC", data.decode(found.name)) == text, (language, codec, found.name)


@pytest.mark.parametrize(
    "data",
    [
        b"a,b,c\n\0,2,3\n",
        b"a,b,c\n1,\0,3\n",
        b"a,b,c\n1,2,\0\n4,5,\0\n",
        b"id;note\n1;\0\0\n2;x\n",
        b"day\tn\n" + b"1\t\0\n" * 50,
        b"a,b\n1,2\n" + bytes(64),
        b"a\n\0\n",
        b"code,n\nab\0\0\0\0\0\0,1\ncd\0\0\0\0\0\0,2\n",
    ],
)
def test_t8_an_ascii_file_with_nuls_is_no_utf16(data: bytes) -> None:
    assert detect(io.BytesIO(data), len(data)).name == "utf-8"


def test_t8_nuls_do_not_hide_a_code_page() -> None:
    data = "Ort;Umsatz\nMünchen;\0\nKöln;900\n".encode("cp1252")
    assert detect(io.BytesIO(data), len(data)).name == "cp1252"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "日付,地域\n1,東京\n",
        "abc",
        "いろは,にほ\nへと,ちり\n",
        "名前\n東京\n",
        "Αθήνα;5\n",
        "a\tb\r\n1\t2\r\n",
    ],
)
def test_t8_utf16_without_a_mark_is_still_found(text: str, codec: str) -> None:
    data = text.encode(codec)
    found = detect(io.BytesIO(data), len(data))
    assert data.decode(found.name) == text
