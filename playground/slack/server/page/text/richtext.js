// rich_text blocks as DOM nodes; source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { dateText } from "../state/directory.js";
import { h, link } from "../ui/dom.js";
import { codeBlock } from "./code.js";
import { channelLink, emojiNode, entity, ping } from "./entities.js";

const STYLES = [
  ["code", "code"],
  ["strike", "del"],
  ["italic", "em"],
  ["bold", "strong"],
  ["underline", "u"],
];

function lines(text) {
  return text
    .split("\n")
    .flatMap((line, index) => (index ? [h("br"), line] : [line]))
    .filter((part) => part !== "");
}

function styled(nodes, style = {}) {
  return STYLES.reduce((inner, [name, tag]) => (style[name] ? [h(tag, inner)] : inner), nodes);
}

const LEAVES = {
  text: (leaf) => styled(lines(leaf.text ?? ""), leaf.style),
  link: (leaf) => styled([link(leaf.url, leaf.text || leaf.url)], leaf.style),
  emoji: (leaf) => [emojiNode(leaf.name ?? "")],
  user: (leaf) => [entity(`@${leaf.user_id}`) ?? leaf.user_id],
  usergroup: (leaf) => [ping("subteam", leaf.usergroup_id, leaf.usergroup_id)],
  channel: (leaf) => [channelLink(leaf.channel_id, "")],
  broadcast: (leaf) => [ping(leaf.range, leaf.range)],
  date: (leaf) => [h("time", { title: leaf.fallback }, dateText(leaf.timestamp, leaf.format ?? "{date}"))],
  color: (leaf) => [
    h("span.swatch", { style: { "--swatch": /^#[0-9a-f]{3,8}$/i.test(leaf.value) ? leaf.value : "transparent" } }),
    leaf.value,
  ],
};

function leaves(elements = []) {
  return elements.flatMap((leaf) => LEAVES[leaf.type]?.(leaf) ?? []);
}

function rawText(elements = []) {
  return elements.map((leaf) => leaf.text ?? leaf.url ?? "").join("");
}

function element(part) {
  if (part.type === "rich_text_preformatted")
    return codeBlock(rawText(part.elements).replace(/\n$/, ""), part.language ?? "");
  if (part.type === "rich_text_quote") return h("blockquote", leaves(part.elements));
  if (part.type !== "rich_text_list") return h("div.line", leaves(part.elements));
  const ordered = part.style === "ordered";
  const start = ordered && part.offset ? part.offset + 1 : null;
  return h(
    `${ordered ? "ol" : "ul"}.indent-${Math.min(part.indent ?? 0, 5)}`,
    { start },
    (part.elements ?? []).map((item) => h("li", leaves(item.elements))),
  );
}

/** A rich_text block (or any object with its `elements`) as nodes. */
export function richText(block) {
  return (block?.elements ?? []).map(element);
}

/** The words of a rich_text block, for sorting and labels. */
export function richTextWords(block) {
  return (block?.elements ?? []).map((part) => rawText(part.elements)).join("\n");
}
