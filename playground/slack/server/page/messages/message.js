// One message: author, body, files, reactions, thread summary and the tools that show on hover.

import { blockNodes } from "../blocks/blocks.js";
import { confirmDialog } from "../blocks/confirm.js";
import { send } from "../state/api.js";
import { clock, directory, fullTime, nameOf } from "../state/directory.js";
import { dismissEphemeral, store } from "../state/store.js";
import { emoji, PICKER } from "../text/emoji.js";
import { markdown } from "../text/markdown.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { h, icon } from "../ui/dom.js";
import { openGrid, openMenu } from "../ui/menu.js";
import { avatar } from "./avatar.js";
import { filesNode } from "./files.js";
import { forwardDialog } from "./forward.js";

const SYSTEM = new Set("channel_join channel_leave channel_topic channel_purpose channel_name tombstone".split(" "));

/** Whether `message` reads as a continuation of `before` (same author, within five minutes). */
export function continues(before, message) {
  if (
    !before ||
    SYSTEM.has(message.subtype) ||
    SYSTEM.has(before.subtype) ||
    message.is_ephemeral ||
    before.is_ephemeral
  )
    return false;
  return (
    before.user === message.user &&
    Number(message.ts) - Number(before.ts) < 300 &&
    !before.reply_count &&
    message.subtype !== "thread_broadcast"
  );
}

/** Sends what this person does with a message. */
function tell(verb, message, body = {}) {
  return send(`/human/${verb}`, { user: store.me, channel: store.channel, message_ts: message.ts, ...body });
}

function actor(message) {
  const place = { thread_ts: message.thread_ts, is_ephemeral: Boolean(message.is_ephemeral) };
  return { act: (body) => tell("action", message, { ...place, ...body }) };
}

function attachment(entry, context) {
  return h(
    "div.attachment",
    entry.pretext ? mrkdwn(entry.pretext) : null,
    entry.is_share ? h("strong", { testid: "forwarded" }, entry.author_name) : null,
    entry.title ? h("strong", entry.title) : null,
    entry.blocks?.length ? blockNodes(entry.blocks, context) : mrkdwn(entry.text ?? entry.fallback ?? ""),
    entry.is_share ? filesNode(entry.files) : null,
  );
}

function showsText(message) {
  if (!message.text) return false;
  return (
    !message.blocks?.some((block) => block.type !== "context_actions" && block.type !== "actions") ||
    (message.streaming_state === "in_progress" &&
      !message.blocks?.some((block) => ["markdown", "rich_text"].includes(block.type)))
  );
}

function addCaret(body) {
  let spot = body;
  while (
    spot.lastElementChild &&
    /^(DIV|P|UL|OL|LI|TABLE|TBODY|TR|TD|BLOCKQUOTE|PRE|CODE|H[1-6])$/.test(spot.lastElementChild.tagName) &&
    !spot.lastElementChild.classList.contains("task-card")
  )
    spot = spot.lastElementChild;
  if (spot.tagName === "DIV" && spot.classList.contains("code-block")) spot = spot.querySelector("code");
  if (spot.lastElementChild?.dataset.status === "in_progress") return; // its wheel turns
  spot.append(h("span.caret", { "aria-hidden": "true" }));
}

/** What people type comes as text and as the same words in one rich_text block without styles: the text has more. */
function typed(message) {
  return !message.bot_id && message.text && message.blocks?.length === 1 && message.blocks[0].type === "rich_text";
}

/** What the message says. */
export function messageBody(message) {
  const context = actor(message);
  const body = h("div.message-text", { testid: "message-text" });
  if (typed(message)) body.append(...mrkdwn(message.text));
  else body.append(...blockNodes(message.blocks, context));
  if (showsText(message))
    body.prepend(...(message.streaming_state ? [h("div.markdown", markdown(message.text))] : mrkdwn(message.text)));
  body.append(...(message.attachments ?? []).map((entry) => attachment(entry, context)));
  if (message.edited && !message.bot_id)
    (body.lastElementChild ?? body).append(
      h("span.edited", { title: `Edited ${fullTime(message.edited.ts)}` }, "(edited)"),
    );
  if (message.streaming_state === "in_progress") addCaret(body);
  return body;
}

function react(message, name) {
  const mine = message.reactions?.some((reaction) => reaction.name === name && reaction.users?.includes(store.me));
  return tell("react", message, { name, remove: Boolean(mine) });
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h(
    "div.reactions",
    message.reactions.map(({ name, users = [], count }) =>
      h(
        `button.reaction${users.includes(store.me) ? ".mine" : ""}`,
        {
          title: users.map(nameOf).join(", "),
          "aria-pressed": String(users.includes(store.me)),
          aria: `${name}, ${count ?? users.length}`,
          testid: `reaction-${name}`,
          onclick: () => react(message, name),
        },
        emoji(name) ?? `:${name}:`,
        h("b", String(count ?? users.length)),
      ),
    ),
  );
}

function threadSummary(message, openThread) {
  if (!message.reply_count) return null;
  const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(id, "tiny"));
  const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  return h(
    "button.thread-summary",
    { onclick: () => openThread(message.ts) },
    faces,
    h("span.thread-count", { testid: "thread-reply-count" }, count),
    message.latest_reply ? h("span.thread-when", `Last reply at ${clock(message.latest_reply)}`) : null,
    h("span.thread-open", "View thread"),
  );
}

async function deleteMessage(message) {
  const sure = {
    title: "Delete message",
    text: "This message goes away for everybody.",
    confirm: "Delete",
    style: "danger",
  };
  if (await confirmDialog(sure)) await tell("delete", message);
}

function edit(message, node) {
  const box = h("textarea", {
    rows: 3,
    value: readable(message.text ?? ""),
    aria: "Edit message",
    testid: "edit-text",
  });
  const editor = h("div.editor", box);
  const done = async (save) => {
    editor.replaceWith(old);
    if (save && box.value.trim()) await tell("edit", message, { text: box.value });
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") done(false);
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) done(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  editor.append(
    h(
      "div.editor-buttons",
      h("button.button", { onclick: () => done(false) }, "Cancel"),
      h("button.button.primary", { testid: "edit-save", onclick: () => done(true) }, "Save"),
    ),
  );
  const old = node.querySelector(".message-text");
  old.replaceWith(editor);
  box.focus();
}

function readable(text) {
  return text
    .replace(/<@([UW]\w+)(?:\|[^>]*)?>/g, (_, id) => `@${nameOf(id)}`)
    .replace(/<#(\w+)(?:\|[^>]*)?>/g, (_, id) => `#${directory.channels.get(id)?.name ?? id}`)
    .replace(/<(https?:[^|>]+)(?:\|[^>]*)?>/g, "$1")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

function moreEntries(message, node) {
  const own = message.user === store.me;
  return [
    ...store.shortcuts.map((shortcut) => ({
      label: shortcut.name,
      testid: `shortcut-${shortcut.callback_id}`,
      run: () => tell("shortcut", message, { callback_id: shortcut.callback_id }),
    })),
    { label: "Forward message…", testid: "forward", run: () => forwardDialog(message) },
    {
      label: "Copy text",
      run: () => navigator.clipboard?.writeText(node.querySelector(".message-text")?.innerText ?? ""),
    },
    own ? null : undefined,
    own ? { label: "Edit message", testid: "edit", run: () => edit(message, node) } : undefined,
    own ? { label: "Delete message…", testid: "delete", danger: true, run: () => deleteMessage(message) } : undefined,
  ].filter((entry) => entry !== undefined);
}

function tools(message, node, openThread) {
  const tool = (name, label, testid, onclick) => h("button", { tip: label, testid, onclick }, icon(name));
  const smile = tool("smile", "Add reaction", "react", () =>
    openGrid(
      smile,
      PICKER.map((name) => [name, emoji(name)]),
      (name) => react(message, name),
    ),
  );
  const more = tool("more", "More actions", "more", () => openMenu(more, moreEntries(message, node)));
  const quick = h("button", { tip: "React with 👍", onclick: () => react(message, "+1") }, "👍");
  return h(
    "div.tools",
    { role: "toolbar", aria: "Message actions" },
    quick,
    smile,
    openThread ? tool("reply", "Reply in thread", "reply", () => openThread(message.thread_ts ?? message.ts)) : null,
    more,
  );
}

function notices(message, openThread) {
  if (message.is_ephemeral) return h("div.notice", { testid: "ephemeral-note" }, "Only visible to you");
  if (message.subtype !== "thread_broadcast") return null;
  return openThread
    ? h("div.notice", h("button.link", { onclick: () => openThread(message.thread_ts) }, "Replied to a thread"))
    : h("div.notice", "Also sent to the channel");
}

/** Draws a message. `openThread(ts)` is given in channels only. */
export function messageNode(message, { compact = false, openThread = null } = {}) {
  const role = {
    testid: "message",
    "data-ts": message.ts,
    "data-user": message.user ?? "",
    "data-streaming": message.streaming_state ?? null,
  };
  if (SYSTEM.has(message.subtype))
    return h(
      "div.message.system",
      { ...role, role: "article" },
      message.subtype === "tombstone" ? icon("trash") : avatar(message.user, "small"),
      h("div.message-text", { testid: "message-text" }, mrkdwn(message.text)),
      threadSummary(message, openThread),
    );
  const isBot = message.user === directory.bot.user_id || message.app_id === directory.bot.app_id;
  const author = message.username || (isBot ? directory.bot.name : nameOf(message.user));
  const when = h(
    "time.when",
    { title: fullTime(message.ts), datetime: new Date(Number(message.ts) * 1000).toISOString() },
    clock(message.ts),
  );
  const head = compact
    ? null
    : h("div.message-head", h("strong.author", author), isBot ? h("span.app-badge", "APP") : null, when);
  const node = h(
    `article.message${compact ? ".compact" : ""}${message.is_ephemeral ? ".ephemeral" : ""}`,
    { ...role, aria: `${author}, ${clock(message.ts)}` },
    h("div.gutter", compact ? when : avatar(isBot ? directory.bot.user_id : message.user)),
    h(
      "div.message-main",
      notices(message, openThread),
      head,
      messageBody(message),
      filesNode(message.files),
      reactions(message),
      openThread && message.subtype !== "thread_broadcast" ? threadSummary(message, openThread) : null,
      message.is_ephemeral
        ? h("button.link.dismiss", { onclick: () => dismissEphemeral(message.ts) }, "Dismiss")
        : null,
    ),
  );
  if (!message.is_ephemeral) node.append(tools(message, node, openThread));
  return node;
}
