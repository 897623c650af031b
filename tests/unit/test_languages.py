"""Point 7: what decides about small talk, computing and files fails nobody for the language that they write."""

from __future__ import annotations

import pytest

from conversations.database.models import Question
from conversations.planning.prompt import prompt_of
from conversations.planning.smalltalk import is_bare_thanks, is_small_talk, speaks_of_file
from conversations.store.plan import Plan

GREETINGS = {
    "English": ["hi", "Hello there!", "Good morning, team", "who are you?", "what can you do for me?", "hey 👋"],
    "Japanese": ["こんにちは", "おはようございます！", "はじめまして。", "何ができますか？", "こんにちは、皆さん"],
    "German": ["Hallo!", "Guten Morgen zusammen", "Moin", "Wer bist du?", "Was kannst du?", "Wie geht's?"],
    "French": ["Bonjour !", "Salut", "Bonsoir à tous", "Qui êtes-vous ?", "Que peux-tu faire ?", "Ça va ?"],
    "Spanish": [
        "¡Hola!",
        "Buenos días",
        "Buenas tardes a todos",
        "¿Quién eres?",
        "¿Qué puedes hacer?",
        "Hola, ¿qué tal?",
    ],
    "Portuguese": ["Olá", "Bom dia!", "Oi, tudo bem?", "Quem é você?", "O que você pode fazer?"],
    "Italian": ["Ciao!", "Buongiorno a tutti", "Salve", "Chi sei?", "Cosa puoi fare?", "Ciao, come stai?"],
    "Dutch": ["Hallo", "Goedemorgen allemaal", "Hoi!", "Wie ben je?", "Wat kun je doen?", "Hoe gaat het?"],
    "Korean": ["안녕하세요", "안녕!", "반갑습니다.", "누구세요?", "무엇을 할 수 있나요?", "안녕하세요 여러분"],
    "Chinese": ["你好", "您好！", "大家好", "早上好。", "你是谁？", "你能做什么？"],
    "Polish": ["Cześć", "Dzień dobry!", "Hej wszystkim", "Kim jesteś?", "Co potrafisz?", "Jak się masz?"],
    "Turkish": ["Merhaba", "Günaydın!", "Selam herkese", "Kimsin?", "Ne yapabilirsin?", "İyi günler"],
}
THANKS = {
    "English": ["thanks!", "Thank you so much", "Perfect, thanks!", "ok 👍", "got it, thank you", "cool thanks"],
    "Japanese": ["ありがとうございます！", "了解です。", "なるほど", "助かりました", "どうもありがとう"],
    "German": ["Danke!", "Vielen Dank", "Perfekt, danke dir", "Alles klar", "ok, danke schön 🙏", "Super, danke!"],
    "French": ["Merci !", "Merci beaucoup", "Parfait, merci", "D’accord", "Ok merci bien"],
    "Spanish": ["¡Gracias!", "Muchas gracias", "Perfecto, gracias", "Vale", "ok, gracias"],
    "Portuguese": ["Obrigado!", "Muito obrigada", "Perfeito, obrigado", "Valeu", "ok, obrigada"],
    "Italian": ["Grazie!", "Grazie mille", "Perfetto, grazie", "Va bene", "ok, grazie"],
    "Dutch": ["Bedankt!", "Dank je wel", "Top, bedankt", "Begrepen", "ok, dankjewel"],
    "Korean": ["감사합니다!", "고마워요", "네, 감사합니다", "알겠습니다.", "고맙습니다 🙏"],
    "Chinese": ["谢谢！", "非常感谢", "好的，谢谢", "明白了", "收到"],
    "Polish": ["Dziękuję!", "Wielkie dzięki", "Super, dzięki", "Rozumiem", "ok, dziękuję bardzo"],
    "Turkish": ["Teşekkürler!", "Çok teşekkür ederim", "Harika, teşekkürler", "Tamam", "ok, sağ ol"],
}
QUESTIONS = {
    "English": [
        "top 5 customers",
        "what is the total?",
        "thanks, and by month?",
        "great drop in May, why?",
        "help me plot it",
        "how are sales by region?",
        "who are the best customers?",
        "describe this",
        "ok, now as a bar chart",
    ],
    "Japanese": [
        "売上の合計は？",
        "ありがとう、月別は？",
        "上位5件の顧客は",
        "何ができたか月別に教えて",
        "了解、次はグラフで",
    ],
    "German": [
        "Umsatz nach Region",
        "Danke, und pro Monat?",
        "Wie geht es dem Umsatz im Mai?",
        "Super, jetzt als Diagramm",
        "Wer sind die besten Kunden?",
        "Was kannst du über die Region Nord sagen?",
        "Summe?",
        "Und im März?",
    ],
    "French": [
        "Chiffre d'affaires par région",
        "Merci, et par mois ?",
        "Qui sont les meilleurs clients ?",
        "Et en mars ?",
        "Parfait, maintenant en graphique",
        "Comment va la marge ?",
        "Moyenne par client ?",
    ],
    "Spanish": [
        "Ventas por región",
        "Gracias, ¿y por mes?",
        "¿Quiénes son los mejores clientes?",
        "¿Y en marzo?",
        "Perfecto, ahora un gráfico",
        "¿Cuánto vale el total?",
        "¿Qué tal las ventas de mayo?",
    ],
    "Portuguese": [
        "Receita por região",
        "Obrigado, e por mês?",
        "Quais são os melhores clientes?",
        "E em março?",
        "Perfeito, agora um gráfico",
        "Tudo por região",
        "Como vai a margem?",
    ],
    "Italian": [
        "Ricavi per regione",
        "Grazie, e per mese?",
        "Chi sono i clienti migliori?",
        "E a marzo?",
        "Perfetto, ora un grafico",
        "Come va il margine?",
        "Quanto va bene la regione nord?",
    ],
    "Dutch": [
        "Omzet per regio",
        "Bedankt, en per maand?",
        "Wie zijn de beste klanten?",
        "En in maart?",
        "Top 5 klanten",
        "Prima, nu als grafiek",
        "Hoe gaat het met de marge?",
    ],
    "Korean": [
        "지역별 매출",
        "감사합니다, 월별로는요?",
        "상위 고객은 누구인가요?",
        "3월은요?",
        "좋아요, 이제 그래프로",
        "합계는?",
    ],
    "Chinese": ["各地区的收入", "谢谢，按月呢？", "最好的客户是谁？", "三月呢？", "好的，现在画图", "总和是多少？"],
    "Polish": [
        "Przychód według regionu",
        "Dzięki, a miesięcznie?",
        "Kim są najlepsi klienci?",
        "A w marcu?",
        "Super, teraz wykres",
        "Jak się ma marża?",
        "Suma?",
    ],
    "Turkish": [
        "Bölgeye göre gelir",
        "Teşekkürler, peki aylık?",
        "En iyi müşteriler kim?",
        "Mart ayında?",
        "Harika, şimdi grafik",
        "Toplam ne kadar?",
        "Tamam mı yüzde olarak?",
    ],
}
WITHOUT_A_FILE = {
    "English": [
        "what is 17 % of 348,211?",
        "plot sin(x)",
        "how many days until Christmas?",
        "a fair coin, three tosses",
    ],
    "Japanese": ["348211の17%は？", "サイン波のグラフを描いて", "クリスマスまで何日ですか"],
    "German": ["Wie viel sind 17 % von 348.211?", "Zeichne eine Sinuskurve", "Wie viele Tage bis Weihnachten?"],
    "French": ["Combien font 17 % de 348 211 ?", "Dessine une sinusoïde", "Combien de jours jusqu'à Noël ?"],
    "Spanish": ["¿Cuánto es el 17 % de 348.211?", "Dibuja una sinusoide", "¿Cuántos días faltan para Navidad?"],
    "Portuguese": ["Quanto é 17% de 348.211?", "Desenhe uma senoide", "Quantos dias até o Natal?"],
    "Italian": ["Quanto fa il 17% di 348.211?", "Disegna una sinusoide", "Quanti giorni mancano a Natale?"],
    "Dutch": ["Hoeveel is 17% van 348.211?", "Teken een sinusgolf", "Hoeveel dagen tot Kerstmis?"],
    "Korean": ["348,211의 17%는 얼마인가요?", "사인파 그래프를 그려줘", "크리스마스까지 며칠 남았나요?"],
    "Chinese": ["348,211的17%是多少？", "画一条正弦曲线", "离圣诞节还有几天？"],
    "Polish": ["Ile to 17% z 348 211?", "Narysuj sinusoidę", "Ile dni do Bożego Narodzenia?"],
    "Turkish": ["348.211'in yüzde 17'si kaç?", "Sinüs eğrisi çiz", "Noel'e kaç gün var?"],
}
"""Nobody's words for computing are listed anywhere: what is no small talk may be computed."""

EACH = sorted(GREETINGS)


def computes(text: str) -> bool:
    """Whether a question without any file gets Python."""
    return prompt_of(Question(team="T1", user="U1"), Plan("ask", question=text), (), "", may_call=False).compute


@pytest.mark.parametrize("language", EACH)
def test_whoever_asks_without_a_file_may_have_it_computed(language: str) -> None:
    asked = [*WITHOUT_A_FILE[language], *QUESTIONS[language]]
    assert [text for text in asked if not computes(text)] == []
    assert [text for text in [*GREETINGS[language], *THANKS[language]] if computes(text)] == []


@pytest.mark.parametrize("language", EACH)
def test_greetings_and_thanks_are_small_talk(language: str) -> None:
    assert [text for text in [*GREETINGS[language], *THANKS[language]] if not is_small_talk(text)] == []


@pytest.mark.parametrize("language", EACH)
def test_thanks_need_no_answer_and_greetings_do(language: str) -> None:
    assert [text for text in THANKS[language] if not is_bare_thanks(text)] == []
    assert [text for text in GREETINGS[language] if is_bare_thanks(text)] == []


@pytest.mark.parametrize("language", EACH)
def test_questions_about_data_are_never_small_talk(language: str) -> None:
    assert [text for text in QUESTIONS[language] if is_small_talk(text) or is_bare_thanks(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        *("what is in this spreadsheet", "このデータについて", "Was steht in der Datei?", "Décris ce fichier"),
        *("Describe este archivo", "Descreva este arquivo", "Descrivi questa tabella", "Wat staat er in dit bestand?"),
        *("이 파일을 설명해줘", "描述这个文件", "Opisz ten plik", "Bu dosyayı açıkla"),
    ],
)
def test_what_speaks_of_a_file_waits_for_its_upload(text: str) -> None:
    assert speaks_of_file(text)
