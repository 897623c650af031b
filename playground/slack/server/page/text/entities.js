// The live parts of Slack text: <@U…>, <#C…>, <!channel>, <!date…>, <url|label>, :emoji:, bare links.

import { channelName, dateText, directory, nameOf } from "../state/directory.js";
import { h, link } from "../ui/dom.js";
import { emoji } from "./emoji.js";

/** Undoes the three escapes that Slack knows; the result is only ever used as text. */
export function unescaped(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/** Something that notifies people: always visible as such, so that it cannot be taken for plain text. */
export function ping(kind, label, id = "") {
  const own = kind === "user" && id === directory.me;
  return h(`span.ping${own ? ".ping-own" : ""}`, { testid: "ping", "data-ping": kind, "data-id": id }, `@${label}`);
}

export function channelLink(id, label) {
  const channel = directory.channels.get(id);
  return h(
    "a.channel-link",
    { href: channel ? `#${new URLSearchParams({ user: directory.me ?? "", channel: id })}` : null },
    `#${channel ? channelName(channel) : label || id}`,
  );
}

export function emojiNode(name) {
  const symbol = emoji(name);
  return symbol
    ? h("span.emoji", { title: `:${name}:`, role: "img", aria: name.replaceAll("_", " ") }, symbol)
    : `:${name}:`;
}

function command(body, label) {
  const [name, ...rest] = body.split("^");
  if (["channel", "here", "everyone"].includes(name)) return ping(name, name);
  if (name === "subteam") return ping("subteam", label || rest[0] || "group", rest[0]);
  if (name !== "date" || !/^\d+$/.test(rest[0] ?? "")) return null;
  const text = dateText(Number(rest[0]), unescaped(rest[1] ?? "{date}"));
  return h("time", { title: label }, rest[2] ? link(unescaped(rest[2]), text) : text);
}

/** The node for what stands between < and >, or null when it is nothing that Slack knows. */
export function entity(inner) {
  const bar = inner.indexOf("|");
  const body = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inner.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(body))
    return ping(
      "user",
      directory.users.has(body.slice(1)) || body.slice(1) === directory.bot.user_id
        ? nameOf(body.slice(1))
        : label || body.slice(1),
      body.slice(1),
    );
  if (/^#[CG][A-Z0-9]+$/.test(body)) return channelLink(body.slice(1), label);
  if (body.startsWith("!")) return command(body.slice(1), label);
  if (/^(https?:\/\/|mailto:)/i.test(body))
    return link(unescaped(body), label || unescaped(body).replace(/^mailto:/, ""));
  return null;
}

const BARE = /\bhttps?:\/\/[^\s<>"'`|]+[^\s<>"'`|.,;:!?)\]}、。）」]|(?<![\w:]):([a-z0-9_+-]+):/gi;

/** Plain text as nodes: bare links become links and :short_names: become emoji. */
export function plainText(text) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(BARE)) {
    if (match.index > done) nodes.push(text.slice(done, match.index));
    nodes.push(match[1] === undefined ? link(match[0], match[0]) : emojiNode(match[1].toLowerCase()));
    done = match.index + match[0].length;
  }
  if (done < text.length) nodes.push(text.slice(done));
  return nodes;
}

/** A run of text as nodes. `special(text, at)` gives {node, next}, a string that is plain text, or null. */
export function inlineNodes(text, special) {
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const found = text[at] === "\n" ? { node: h("br"), next: at + 1 } : (special(text, at) ?? text[at]);
    if (typeof found === "string") plain += found;
    else {
      nodes.push(...plainText(unescaped(plain)), found.node);
      plain = "";
    }
    at = found.next ?? at + found.length;
  }
  return [...nodes, ...plainText(unescaped(plain))];
}
