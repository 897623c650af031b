"""What a text is about, as far as costs go: small talk needs no file and no sandbox, some questions need computing."""

from __future__ import annotations

import re
import unicodedata

_GREETING = re.compile(
    r"(hi|hey|hello|yo|good (morning|afternoon|evening)|thanks?( you)?( (a lot|so much|very much))?|thx|ty|cheers|"
    r"great|"
    r"nice|perfect|cool|ok(ay)?|got it|bye|who are you|what (are you|can you do)( for (me|us))?|help|how are you|"
    r"こんにちは|こんばんは|おはよう(ございます)?|ありがとう(ございます|ございました)?|どうも|了解(です|しました)?|"
    r"はじめまして|お疲れ(さま|様)(です|でした)?|あなたは(誰|だれ)(ですか)?|何ができ(ますか|るの)|ヘルプ|使い方)"
)
_EMOJI_NAME = re.compile(r":[a-z0-9_+'\-]+:")
_FILLER = re.compile(
    r"[\s!！?？.。、,~〜ー😀-🙏🌀-🫿]+|:[a-z0-9_+-]+:|there|team|everyone|analyst|please|again", re.IGNORECASE
)
_FILE_WORDS = re.compile(
    r"\b(files?|csv|tsv|xlsx?|excel|spreadsheets?|sheets?|attach\w*|upload\w*|data(set|frame)?|tables?|columns?)\b|"
    r"ファイル|添付|データ|表|シート|エクセル|アップロード|列",
    re.IGNORECASE,
)
_COMPUTING = re.compile(
    r"\d|\b(calculat\w*|comput\w*|plots?|charts?|graphs?|draw|simulat\w*|sum|averages?|mean|median|convert\w*|python|code|"
    r"histogram|regression|forecast\w*|statistics?)\b|計算|グラフ|図|平均|合計|集計|予測|描",
    re.IGNORECASE,
)
_LONGEST_PHRASE = 1000
"""Characters of a text that may still be nothing but a greeting or a word to the bot."""

_LOOKED_AT = 40_000
"""Characters of a question that are searched for what it may be about; the longest text that Slack takes
(https://docs.slack.dev/reference/methods/chat.postMessage#truncating)."""


def is_small_talk(text: str) -> bool:
    """Whether a text is a greeting, thanks or a question about the bot itself."""
    text = text.strip()
    if len(text) > _LONGEST_PHRASE:
        return False
    core = _FILLER.sub(" ", text.lower()).strip()
    return (
        not core
        or all(_GREETING.fullmatch(part.strip()) for part in re.split(r"\s{2,}", core))
        or bool(_GREETING.fullmatch(" ".join(core.split())))
    )


def is_bare_thanks(text: str) -> bool:
    """Whether a text is nothing but thanks, assent or emoji: in a thread, no answer is wanted."""
    text = text.strip()
    if len(text) > _LONGEST_PHRASE:
        return False
    words = plain_words(text)
    if words:
        return words in _THANKS
    return bool(_EMOJI_NAME.search(text)) or any(unicodedata.category(char) == "So" for char in text)


def plain_words(text: str) -> str:
    """Lower-case letters and digits, single spaces; no emoji or punctuation. "" for what is too long for a phrase."""
    text = text.strip()
    if len(text) > _LONGEST_PHRASE:  # and normalising takes the square of a run of combining marks
        return ""
    folded = unicodedata.normalize("NFKC", _EMOJI_NAME.sub(" ", text)).casefold()
    kept = (char if char.isalnum() or char in "ー'" else " " for char in folded.replace("’", "'"))
    return " ".join("".join(kept).split())


def speaks_of_file(text: str) -> bool:
    """Whether a text speaks of a file or of data."""
    return bool(_FILE_WORDS.search(text, 0, _LOOKED_AT))


def asks_for_computing(text: str) -> bool:
    """Whether a text without any file still wants something computed or drawn."""
    return bool(_COMPUTING.search(text, 0, _LOOKED_AT))


_PHRASES = """
    awesome, cheers, cool, cool thanks, good job, got it, got it thanks, great, great thanks, lgtm, many thanks,
    nice, nice thanks, no thanks, np, ok, ok thanks, ok です, okay, okです, perfect, perfect thanks, thank you,
    thank you so much, thank you very much, thanks, thanks a lot, thanks for the help, thanks for your help,
    thanks so much, thx, ty, tysm, well done, wow, ありがとう, ありがとうございました, ありがとうございます,
    いいね, お疲れさまです, お疲れ様です, かしこまりました, さすが, すごい, どうも, どうもありがとう,
    どうもありがとうございます, なるほど, サンキュー, 了解, 了解しました, 了解です, 助かりました, 助かります,
    完璧, 完璧です, 感謝, 感謝します, 承知しました, 有り難うございます, 有難うございます
    """
_THANKS = frozenset(phrase.strip() for phrase in _PHRASES.split(","))
