"""What is shown, and how it comes about."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import expect

from tests.gallery.model import REPORT
from tests.gallery.studio import HEIGHT, JAPANESE_FILE, SALES_FILE, WIDTH, Scene, Studio
from tests.support.world import ANN, KENJI, MENTION, SALES

DM = "D0ANN00001"
HEAD = 70
"""Points above and below the panes, and the thread's title."""


@dataclass(frozen=True)
class Shown:
    """A picture of the gallery.

    Attributes:
        name: Of the picture's file.
        caption: One line on what is to be seen.
        play: Brings it about and takes it.
    """

    name: str
    caption: str
    play: Scene


def _asked(name: str, text: str, *, files: int = 1) -> Scene:
    """A question on the sample, and its whole thread; ``files`` come back with the answer."""

    async def play(studio: Studio) -> None:
        await studio.ask(text, file=SALES_FILE, charts=files)
        await studio.thread(name, 2 + bool(files))

    return play


async def japanese(studio: Studio) -> None:
    await studio.ask("店舗別の売上金額の合計をグラフで", file=JAPANESE_FILE, user=KENJI, charts=1)
    await studio.thread("japanese", 3)


async def follow_up(studio: Studio) -> None:
    thread = await studio.ask("total revenue by channel, no chart", file=SALES_FILE)
    await studio.world.slack.human.post(SALES, "and by month?", user=ANN, thread=thread)
    await studio.world.outcomes(SALES, thread, count=2, files=1)
    await studio.thread("follow-up", 5)


async def card(studio: Studio) -> None:
    slack = studio.world.slack
    thread = await slack.human.post(SALES, "", user=ANN, files=[(SALES_FILE.name, SALES_FILE.read_bytes())])
    await slack.wait(lambda slack: slack.bot_messages(SALES, thread))
    await studio.look(SALES, thread=thread)
    await studio.thread("file-card", 2)


BRANCHES = """Filiale;Datum;Umsatz
Bonn;28.02.2025;1.204,50
Ulm;28.02.2025;980,25
Jena;28.02.2025;1.410,00
Köln;28.02.2025;2.115,75
Summe;;5.710,50
"""


async def code(studio: Studio) -> None:
    file = studio.world.folder / "filialen.csv"
    file.write_bytes(BRANCHES.encode("cp1252"))
    thread = await studio.ask("total Umsatz by Filiale, no chart", file=file)
    await studio.look(SALES, thread=thread, size=(WIDTH, 1000))
    await studio.page.get_by_test_id("thread-pane").get_by_test_id("button-show_code").click()
    view = studio.page.get_by_role("dialog")
    await view.get_by_text("Step 1").wait_for()
    await studio.settle()
    await studio.take("code", view)


async def live(studio: Studio) -> None:
    world = studio.world
    thread = await world.ask(REPORT, files=[(SALES_FILE.name, SALES_FILE.read_bytes())])
    await studio.look(SALES, thread=thread, size=(WIDTH, 900))
    pane = studio.page.get_by_test_id("thread-pane")
    await expect(pane).to_contain_text("is chance", timeout=60_000)
    await expect(pane.locator('[data-testid=task-card][data-status="in_progress"]')).to_be_visible()
    await expect(pane.get_by_test_id("status")).to_contain_text("running Python")
    await studio.take("live", pane)
    await pane.get_by_test_id("stop").click()
    await world.outcomes(SALES, thread)


async def error(studio: Studio) -> None:
    studio.world.azure.faults.add("quota")
    await studio.ask("median revenue by category", file=SALES_FILE)
    await studio.thread("error", 2)


async def which_file(studio: Studio) -> None:
    slack, channel = studio.world.slack, studio.world.new_channel()
    data = SALES_FILE.read_bytes()
    for name in ("weather.csv", SALES_FILE.name):
        await slack.human.post(channel, files=[(name, data)], user=KENJI)
    await studio.ask("total revenue by region in sales_2024.csv, no chart", channel=channel)
    await studio.thread("which-file", 2)
    pane = studio.page.get_by_test_id("thread-pane")
    await pane.get_by_role("button", name=SALES_FILE.name).click()
    await expect(pane).to_contain_text(f"Ann chose {SALES_FILE.name}.", timeout=60_000)
    await expect(pane).to_contain_text(f"{SALES_FILE.name} (", timeout=60_000)


async def newest(studio: Studio) -> None:
    channel = studio.world.new_channel()
    await studio.world.slack.human.post(channel, files=[(SALES_FILE.name, SALES_FILE.read_bytes())], user=KENJI)
    await studio.ask("total revenue by region, no chart", channel=channel)
    await studio.thread("newest", 2)


async def forward(studio: Studio) -> None:
    slack, channel = studio.world.slack, studio.world.new_channel()
    source = slack.add_channel("C0FINANCE1", "finance", [ANN, KENJI, slack.bot_user]).id
    files = [(SALES_FILE.name, SALES_FILE.read_bytes())]
    shared = await slack.human.post(source, "Here are this year's numbers", files=files, user=KENJI)
    thread = await slack.human.forward(channel, source, shared, f"{MENTION} total revenue by region, no chart")
    await studio.world.outcomes(channel, thread)
    await studio.look(channel, thread=thread)
    await studio.thread("forward", 2)


async def home(studio: Studio) -> None:
    await studio.look(DM, tab="home", size=(WIDTH, HEIGHT))
    await studio.page.get_by_test_id("home").wait_for()
    await studio.take("home", studio.page.locator("#main"), until=studio.page.get_by_test_id("home"))


async def agent_view(studio: Studio) -> None:
    await studio.look(DM, size=(WIDTH, 620))
    await studio.page.get_by_test_id("prompt").first.wait_for()
    await studio.take("agent-view", studio.page.locator("#main"))


async def direct(studio: Studio) -> None:
    files = [(SALES_FILE.name, SALES_FILE.read_bytes())]
    thread = await studio.world.slack.human.post(DM, "How are the customer ratings distributed?", user=ANN, files=files)
    await studio.world.outcomes(DM, thread, files=1)
    await studio.look(DM, thread=thread)
    await studio.thread("direct-message", 3)


async def readme(studio: Studio) -> None:
    """The README's picture: the channel, with the thread open beside it."""
    await studio.ask("average revenue by region", file=SALES_FILE, charts=1)
    answered = await studio.page.locator("#thread .replies").bounding_box()
    end = await studio.page.locator("#thread .log-inner").bounding_box()
    composer = await studio.page.locator("#thread .composer-frame").bounding_box()
    assert answered
    assert end
    assert composer
    # As high as the answer, so that the thread, scrolled to its end, begins with it.
    height = HEAD + end["y"] + end["height"] - answered["y"] - answered["height"] + composer["height"]
    await studio.page.set_viewport_size({"width": WIDTH, "height": round(height)})
    await studio.settle()
    await studio.window(studio.folder.parent / "answer.png")


SCENES = (
    Shown(
        "group-by", "A group-by: one sentence, a table, a bar chart.", _asked("group-by", "average revenue by region")
    ),
    Shown("trend", "A trend over the months.", _asked("trend", "monthly revenue trend")),
    Shown("japanese", "A Japanese question about a Shift_JIS file, answered in Japanese, labels included.", japanese),
    Shown(
        "distribution", "A distribution with mean and median.", _asked("distribution", "how is revenue distributed?")
    ),
    Shown(
        "correlation",
        "How two columns go together.",
        _asked("correlation", "correlation between unit price and revenue"),
    ),
    Shown("describe", "A first look at a file.", _asked("describe", "describe this data", files=0)),
    Shown("top", "The first five.", _asked("top", "top 5 products by total revenue")),
    Shown("share", "Shares of a whole.", _asked("share", "share of revenue by channel as a pie chart")),
    Shown("two-groups", "Two groups at once.", _asked("two-groups", "total revenue by region and category, stacked")),
    Shown("follow-up", "A follow-up in the same thread, without a mention.", follow_up),
    Shown("clean", "A cleaned file, given back in the thread.", _asked("clean", "clean the data")),
    Shown("file-card", "What a dropped file holds, with questions to press.", card),
    Shown("code", "How: what lies behind an answer.", code),
    Shown("live", "An answer on its way: finished steps, the running one, and Stop.", live),
    Shown("which-file", "A name that is nowhere: which file is meant?", which_file),
    Shown("newest", "A file that nobody named: the first line says which one it is.", newest),
    Shown("forward", "A forwarded message: its file belongs to the question.", forward),
    Shown("error", "When Azure refuses: what happened, what to do, and Try again.", error),
    Shown("agent-view", "The agent's own view, with questions to begin with.", agent_view),
    Shown("direct-message", "A direct message needs no mention.", direct),
    Shown("home", "The app's home: what it can do, and your conversations.", home),
)
"""The gallery, in its order."""

COVER = Shown("answer", "The channel, with the thread open beside it.", readme)
"""The README's picture; taken first, while the channel is empty."""
