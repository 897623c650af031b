// Slack's own mark-up (*bold*, _italic_, ~strike~, `code`, ```pre```, > quote, <entities>) as DOM nodes.

import { h } from "../ui/dom.js";
import { codeBlock } from "./code.js";
import { entity, inlineNodes, plainText, unescaped } from "./entities.js";

const STYLES = { "*": "strong", _: "em", "~": "del" };
const WORD = /[\p{L}\p{N}]/u;

function closing(text, start, mark) {
  for (let end = text.indexOf(mark, start + 1); end > 0; end = text.indexOf(mark, end + 1)) {
    if (text.slice(start + 1, end).includes("\n")) return -1;
    const before = text[end - 1];
    if (end > start + 1 && !/\s/.test(before) && !WORD.test(text[end + 1] ?? " ")) return end;
  }
  return -1;
}

function span(text, at) {
  const mark = text[at];
  if (mark === "<") {
    const end = text.indexOf(">", at);
    const node = end > 0 ? entity(text.slice(at + 1, end)) : null;
    return node && { node, next: end + 1 };
  }
  if (mark === "`") {
    const end = text.indexOf("`", at + 1);
    return end > at + 1 && !text.slice(at, end).includes("\n")
      ? { node: h("code", unescaped(text.slice(at + 1, end))), next: end + 1 }
      : null;
  }
  if (!STYLES[mark] || WORD.test(text[at - 1] ?? " ") || /\s/.test(text[at + 1] ?? " ")) return null;
  const end = closing(text, at, mark);
  return end < 0 ? null : { node: h(STYLES[mark], mrkdwnInline(text.slice(at + 1, end))), next: end + 1 };
}

/** One run of mrkdwn without blocks, as nodes. */
export function mrkdwnInline(text) {
  return inlineNodes(text, span);
}

function paragraphs(text) {
  const nodes = [];
  for (const chunk of text.split(/((?:^(?:&gt;|>) ?.*(?:\n|$))+)/m)) {
    if (!chunk) continue;
    if (/^(&gt;|>) ?/.test(chunk))
      nodes.push(h("blockquote", mrkdwnInline(chunk.replace(/\n$/, "").replace(/^(?:&gt;|>) ?/gm, ""))));
    else if (chunk.trim()) nodes.push(h("div.line", mrkdwnInline(chunk.replace(/^\n+|\n+$/g, ""))));
  }
  return nodes;
}

/** A whole mrkdwn text, as nodes. */
export function mrkdwn(text) {
  return String(text ?? "")
    .split(/```/)
    .flatMap((part, index, all) => {
      const fenced = index % 2 === 1 && index < all.length - 1;
      if (fenced) return [codeBlock(unescaped(part.replace(/^\n|\n$/g, "")))];
      return paragraphs(index % 2 === 1 ? `\`\`\`${part}` : part);
    });
}

/** A Slack text object ({type: mrkdwn | plain_text, text}) or a bare string, as nodes. */
export function textObject(object) {
  if (!object) return [];
  if (typeof object === "string") return plainText(object);
  return object.type === "mrkdwn"
    ? mrkdwn(object.text)
    : object.text.split("\n").flatMap((line, index) => [index ? h("br") : null, plainText(line)]);
}

/** The same as a bare string, for labels and attributes. */
export function textOf(object) {
  return typeof object === "string" ? object : (object?.text ?? "");
}
