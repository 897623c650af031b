"""What a text is about, as far as costs go: small talk needs no file and no sandbox, and everything else may."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set

_EMOJI_NAME = re.compile(r":[a-z0-9_+'\-]+:")
_FILE_WORDS = re.compile(
    r"\b(files?|csv|tsv|xlsx?|excel|spreadsheets?|sheets?|attach\w*|upload\w*|data(set|frame)?|tables?|columns?)\b|"
    r"ファイル|添付|データ|表|シート|エクセル|アップロード|列|"
    r"\b(datei(en)?|daten|tabellen?|spalten?|anhang|fichiers?|données|tableaux?|colonnes?|pièces? jointes?|archivos?|"
    r"datos|tablas?|columnas?|adjunt\w+|arquivos?|dados|tabelas?|colunas?|anexos?|dati|tabell[ae]|colonn[ae]|allegat\w+|"
    r"bestand(en)?|gegevens|tabel(len)?|kolom(men)?|bijlagen?|plik\w*|dan[ey]ch?|tabel\w*|kolumn\w*|załączni\w+|"
    r"dosya\w*|veri\w*|tablo\w*|sütun\w*)\b|파일|데이터|첨부|열|文件|数据|附件|表格|資料|檔案",
    re.IGNORECASE,
)
_LONGEST_PHRASE = 1000
"""Characters of a text that may still be nothing but a greeting or a word to the bot."""

_LOOKED_AT = 40_000
"""Characters of a question that are searched for what it may be about; the longest text that Slack takes
(https://docs.slack.dev/reference/methods/chat.postMessage#truncating)."""


def is_small_talk(text: str) -> bool:
    """Whether a text is nothing but greetings, thanks or questions about the bot itself."""
    return _consists_of(text, _SMALL_TALK) or not (text.strip() and (plain_words(text) or len(text) > _LONGEST_PHRASE))


def is_bare_thanks(text: str) -> bool:
    """Whether a text is nothing but thanks, assent or emoji: in a thread, no answer is wanted."""
    text = text.strip()
    if len(text) > _LONGEST_PHRASE:
        return False
    if plain_words(text):
        return _consists_of(text, _THANKS)
    return bool(_EMOJI_NAME.search(text)) or any(unicodedata.category(char) == "So" for char in text)


def _consists_of(text: str, phrases: Set[str]) -> bool:
    """Whether a text can be parted into phrases and fillers without a rest, one phrase at least."""
    words = plain_words(text).split()
    ends = {0: False}  # how far the words are phrases, and whether one of them is more than a filler
    for end in range(1, len(words) + 1):
        for begin in range(max(0, end - _LONGEST_OF_WORDS), end):
            part = " ".join(words[begin:end])
            if begin in ends and (part in phrases or part in _FILLERS):
                ends[end] = ends.get(end, False) or ends[begin] or part in phrases
    return ends.get(len(words), False)


def plain_words(text: str) -> str:
    """Lower-case letters and digits, single spaces; no emoji or punctuation. "" for what is too long for a phrase."""
    text = text.strip()
    if len(text) > _LONGEST_PHRASE:  # and normalising takes the square of a run of combining marks
        return ""
    folded = unicodedata.normalize("NFKC", _EMOJI_NAME.sub(" ", text)).casefold().replace("i\u0307", "i")
    kept = (char if char.isalnum() or char in "ー'" else " " for char in folded.replace("’", "'"))
    return " ".join("".join(kept).split())


def speaks_of_file(text: str) -> bool:
    """Whether a text speaks of a file or of data."""
    return bool(_FILE_WORDS.search(text, 0, _LOOKED_AT))


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(plain_words(phrase) for phrase in listed.split(","))


# Whole phrases in twelve languages, so that no question about data is ever taken for small talk.

_THANKS = _phrases("""
    awesome, cheers, cool, good job, got it, great, lgtm, many thanks, nice, nice one, no thanks, np, ok, okay,
    perfect,
    thank you, thank you so much, thank you very much, thanks, thanks a lot, thanks for the help,
    thanks for your help,
    thanks so much, thank you for your help, thx, ty, tysm, well done, wow,
    ありがとう, ありがとうございました, ありがとうございます, いいね, お疲れさまです, お疲れ様です,
    かしこまりました, さすが, すごい,
    どうも, どうもありがとう, どうもありがとうございます, なるほど, サンキュー, 了解, 了解しました, 了解です,
    助かりました, 助かります,
    完璧, 完璧です, 感謝, 感謝します, 承知しました, 有り難うございます, 有難うございます, okです, ok です,
    danke, danke dir, danke euch, danke sehr, danke schön, dankeschön, vielen dank, vielen lieben dank, besten dank,
    herzlichen dank, tausend dank, perfekt, alles klar, verstanden, klasse, prima, super, toll,
    merci, merci beaucoup, merci bien, merci à toi, merci à vous, mille mercis, un grand merci, parfait, d'accord,
    génial, bien reçu, compris, nickel,
    gracias, muchas gracias, mil gracias, muchísimas gracias, perfecto, genial, vale, entendido, de acuerdo,
    estupendo,
    obrigado, obrigada, muito obrigado, muito obrigada, valeu, perfeito, ótimo, beleza, combinado,
    grazie, grazie mille, mille grazie, molte grazie, tante grazie, perfetto, ottimo, capito, va bene, d'accordo,
    bedankt, dank je, dank je wel, dankjewel, dank u, dank u wel, hartelijk dank, heel erg bedankt, top, begrepen,
    감사합니다, 대단히 감사합니다, 감사해요, 고마워, 고마워요, 고맙습니다, 정말 고마워요, 알겠습니다, 알겠어요,
    네 감사합니다,
    谢谢, 谢谢你, 谢谢您, 谢谢大家, 多谢, 非常感谢, 感谢, 好的, 好的谢谢, 明白了, 知道了, 收到, 太好了, 辛苦了,
    謝謝, 謝謝你, 多謝,
    dziękuję, dziękuję bardzo, bardzo dziękuję, dzięki, dzięki wielkie, wielkie dzięki, świetnie, rozumiem,
    w porządku,
    teşekkürler, teşekkür ederim, çok teşekkürler, çok teşekkür ederim, sağ ol, sağol, sağ olun, tamam, harika, süper,
    anladım
""")

_GREETINGS = _phrases("""
    hi, hey, hello, hello again, yo, good morning, good afternoon, good evening, bye, goodbye, help, how are you,
    who are you, what are you, what can you do, what can you do for me, what can you do for us,
    こんにちは, こんばんは, おはよう, おはようございます, はじめまして, お疲れさま, お疲れさまでした, お疲れ様,
    お疲れ様でした, ヘルプ,
    使い方, あなたは誰, あなたは誰ですか, あなたはだれ, あなたはだれですか, 何ができますか, 何ができるの, 何ができる,
    hallo, guten morgen, guten tag, guten abend, moin, servus, grüezi, tschüss, wer bist du, was kannst du,
    was kannst du tun, wie geht es dir, wie geht's,
    bonjour, bonsoir, salut, coucou, au revoir, qui es tu, qui êtes vous, que peux tu faire, que pouvez vous faire,
    comment ça va, comment vas tu, ça va,
    hola, buenos días, buenas tardes, buenas noches, buenas, adiós, quién eres, qué puedes hacer, cómo estás, qué tal,
    olá, oi, bom dia, boa tarde, boa noite, tchau, quem é você, o que você pode fazer, como vai, tudo bem,
    ciao, salve, buongiorno, buon giorno, buonasera, buona sera, arrivederci, chi sei, cosa sai fare, cosa puoi fare,
    come stai, come va,
    hoi, goedemorgen, goedemiddag, goedenavond, goedendag, doei, wie ben je, wat kun je, wat kun je doen,
    hoe gaat het,
    안녕, 안녕하세요, 안녕하십니까, 반갑습니다, 누구세요, 무엇을 할 수 있나요, 뭘 할 수 있어요, 뭐 할 수 있어,
    你好, 您好, 你们好, 大家好, 早上好, 下午好, 晚上好, 早安, 晚安, 再见, 嗨, 你是谁, 您是谁, 你能做什么, 你会做什么,
    cześć, hej, witam, witaj, dzień dobry, dobry wieczór, do widzenia, kim jesteś, co potrafisz, jak się masz,
    merhaba, selam, selamlar, günaydın, iyi günler, iyi akşamlar, hoşça kal, kimsin, sen kimsin, ne yapabilirsin,
    nasılsın
""")

_FILLERS = _phrases("""
    there, team, everyone, everybody, folks, analyst, bot, please, so, to you, zusammen, à tous, à toutes, a todos,
    a tutti, a todas, allemaal, wszystkim, herkese, 皆さん, みなさん, 여러분
""")

_SMALL_TALK = _THANKS | _GREETINGS
_LONGEST_OF_WORDS = max(len(phrase.split()) for phrase in _SMALL_TALK | _FILLERS)
