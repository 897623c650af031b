// What stands at the beginning of a channel: its name, and the samples to try.

import { SAMPLE_TYPE } from "../composer/attachments.js";
import { avatar } from "../messages/avatar.js";
import { channelName, directory } from "../state/directory.js";
import { store } from "../state/store.js";
import { h, icon } from "../ui/dom.js";

function sampleCard(sample, composer) {
  const card = h(
    "button.sample",
    {
      draggable: "true",
      testid: "sample-card",
      title: "Click, or drag it into the message box",
      onclick: () => composer.attachments.addSample(sample.name),
    },
    h("span.file-icon.green", { "aria-hidden": "true" }, "CSV"),
    h("span.sample-words", h("strong", sample.name), h("small", sample.description ?? "")),
  );
  card.addEventListener("dragstart", (event) => event.dataTransfer.setData(SAMPLE_TYPE, sample.name));
  return card;
}

function samples(composer) {
  if (!store.samples.length) return null;
  return h(
    "div.samples",
    { testid: "samples" },
    h("div.samples-title", "No CSV at hand? Take a sample:"),
    h(
      "div.samples-row",
      store.samples.map((sample) => sampleCard(sample, composer)),
    ),
  );
}

/** The beginning of a channel or conversation. */
export function introNode(channel, composer, isApp) {
  const name = channelName(channel);
  if (isApp) {
    return h(
      "div.intro",
      avatar(directory.bot.user_id, "large"),
      h("h1", name),
      h(
        "p",
        `Ask ${name} about your data here. No mention needed: drop a file, ask, and the answer comes in the thread.`,
      ),
      samples(composer),
    );
  }
  const people = (channel.members ?? []).includes(directory.bot.user_id);
  return h(
    "div.intro",
    h(
      "span.intro-icon",
      { "aria-hidden": "true" },
      channel.kind === "im"
        ? avatar(
            channel.members?.find((id) => id !== store.me),
            "large",
          )
        : icon(channel.kind === "group" ? "lock" : "hash"),
    ),
    h("h1", channel.kind === "im" ? name : `#${name}`),
    h(
      "p",
      channel.kind === "im"
        ? `Only you and ${name} see this conversation.`
        : channel.purpose?.value || channel.topic?.value || `The very beginning of #${name}.`,
      channel.kind === "im"
        ? null
        : people
          ? ` Drop a CSV here and mention @${directory.bot.name}.`
          : ` ${directory.bot.name} is not a member of this channel.`,
    ),
    channel.kind === "im" || !people ? null : samples(composer),
  );
}
