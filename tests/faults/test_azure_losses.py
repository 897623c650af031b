"""What Azure has lost is put back, or replaced, or named; and services that are older or other ones."""

from __future__ import annotations

from pathlib import Path

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from replies.views.sentences import NOTES
from tests.faults.talk import ANSWER, CSV, SAYS, WARNING, Talk, copies, lose, shared_files
from tests.support.world import World


async def test_an_expired_container_is_replaced_silently_with_its_files(world: World, talk: Talk) -> None:
    await talk.ask("[[say one]]", files={"sales.csv": CSV})
    before = copies(world, CSV)
    world.azure.faults.add("container_expired")
    said = await talk.ask("[[files]]")
    assert "-sales.csv " in said
    assert WARNING not in said
    assert NOTES["new_thread"] not in said
    assert copies(world, CSV) == before, "the file is copied from /files, not uploaded again"


async def test_a_poisoned_conversation_goes_on_in_a_new_one_that_is_told_the_transcript(
    world: World, talk: Talk
) -> None:
    await talk.ask("[[say The first answer.]]")
    world.azure.faults.add("container_poisoned")
    said = await talk.ask("[[context]] 2")
    assert NOTES["new_thread"] in said
    assert "The first answer." in said
    said = await talk.ask("[[history]] 3")
    assert NOTES["new_thread"] not in said
    assert "[[context]] 2" in said


async def test_a_lost_conversation_goes_on_in_a_new_one(world: World, talk: Talk) -> None:
    await talk.ask("[[say The first answer.]]")
    (conversation,) = talk.conversations()
    await lose(world, f"/conversations/{conversation}")
    said = await talk.ask("[[context]]")
    assert NOTES["new_thread"] in said
    assert "The first answer." in said


async def test_a_file_that_azure_lost_is_uploaded_again(world: World, talk: Talk) -> None:
    data = b"region,lost\nEast,1\n"
    await talk.ask("[[say one]]", files={"lost.csv": data})
    (before,) = copies(world, data)
    await lose(world, f"/files/{before}")
    world.azure.faults.add("container_expired")
    said = await talk.ask("[[files]]")
    assert WARNING not in said
    assert "-lost.csv " in said
    (after,) = copies(world, data)
    assert after != before


async def test_a_pasted_table_that_azure_lost_is_uploaded_again(world: World, talk: Talk) -> None:
    await talk.ask("[[say one]]\n```\nregion,pasted\nEast,1\nWest,2\n```")
    (before,) = [file.id for file in world.azure.files.values() if b"region,pasted" in file.data]
    await lose(world, f"/files/{before}")
    world.azure.faults.add("container_expired")
    assert "-pasted-1.csv 2" in await talk.ask("[[files]]")


async def test_a_file_that_azure_and_slack_lost_is_named_and_the_question_answered(world: World, talk: Talk) -> None:
    data = b"region,gone\nEast,1\n"
    await talk.ask("[[say one]]", files={"gone.csv": data, "kept.csv": CSV})
    for identifier in copies(world, data):
        await lose(world, f"/files/{identifier}")
    world.slack.faults.download_login(times=50)
    world.azure.faults.add("container_expired")
    said = await talk.ask(f"[[files]] {SAYS}")
    world.slack.faults.clear()
    before, _, after = said.partition(ANSWER)
    assert "kept.csv" in before
    assert "gone.csv" in after


# ── older and other services ────────────────────────────────────────────────────────────────────────────────────────


async def test_where_conversations_are_missing_the_thread_is_a_chain(tmp_path: Path) -> None:
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as old:
        old.azure.faults.add("conversations_unsupported", times=None, status=405)
        await old.start_bot()
        talk = Talk(old, old.new_channel())
        await talk.ask("[[say one]]", files={"sales.csv": CSV})
        assert "[[say one]]" in await talk.ask("[[code]] [[history]]")
        first, second = (entry.body for entry in old.azure.requests.of("POST", "/responses"))
        assert "previous_response_id" not in first
        assert second["previous_response_id"] in old.azure.responses
        assert len(old.azure.requests.of("POST", "/conversations")) == 1, "remembered"
        assert len(copies(old, CSV)) == 1

        for response in list(old.azure.responses):
            await lose(old, f"/responses/{response}")  # as after 30 days
        said = await talk.ask("[[code]] [[context]]")
        assert NOTES["new_thread"] in said
        assert "Assistant: one" in said
        assert "[[code]] [[context]]" in await talk.ask("[[code]] [[history]]")


async def test_a_project_address_is_cut_to_its_resource(tmp_path: Path) -> None:
    """Below it the contents of container files fail."""
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as foundry:
        foundry.settings["AZURE_OPENAI_ENDPOINT"] = f"{foundry.azure.endpoint}/api/projects/mine"
        await foundry.start_bot()
        talk = Talk(foundry, foundry.new_channel())
        assert list(shared_files(foundry, await talk.messages("[[chart sales.png]]", shared=1))) == ["sales.png"]


async def test_openai_itself_is_asked_in_the_same_way(tmp_path: Path) -> None:
    """A base URL that ends in /v1 is what OpenAI is: bearer token, no api-version, ids like ``file-…``."""
    async with World(tmp_path, ScriptedModel(), ScriptedInterpreter()) as plain:
        plain.settings["AZURE_OPENAI_ENDPOINT"] = f"{plain.azure.endpoint}/v1"
        await plain.start_bot()
        talk = Talk(plain, plain.new_channel())
        messages = await talk.messages("[[chart sales.png]]", files={"sales.csv": CSV}, shared=1)
        assert list(shared_files(plain, messages)) == ["sales.png"]
        assert all(file.id.startswith("file-") for file in plain.azure.files.values())
