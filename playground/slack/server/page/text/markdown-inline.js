// The inline half of standard Markdown, as Slack's markdown blocks show it (images become links; Slack entities stay live).

import { h, link, safeUrl } from "../ui/dom.js";
import { entity, inlineNodes } from "./entities.js";

const WORD = /[\p{L}\p{N}]/u;
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const STYLES = [
  ["***", (inner) => h("strong", h("em", inner))],
  ["**", (inner) => h("strong", inner)],
  ["__", (inner) => h("strong", inner)],
  ["~~", (inner) => h("del", inner)],
  ["*", (inner) => h("em", inner)],
  ["_", (inner) => h("em", inner)],
];

function codeSpan(text, at) {
  const ticks = /^`+/.exec(text.slice(at))[0];
  for (let end = text.indexOf(ticks, at + ticks.length); end > 0; end = text.indexOf(ticks, end + 1)) {
    if (text[end + ticks.length] === "`" || text[end - 1] === "`") continue;
    const inner = text
      .slice(at + ticks.length, end)
      .replace(/\n/g, " ")
      .replace(/^ (.*\S.*) $/, "$1");
    return { node: h("code", inner), next: end + ticks.length };
  }
  return null;
}

function closingBracket(text, start, open, close) {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === open) depth += 1;
    else if (text[at] === close) {
      depth -= 1;
      if (!depth) return at;
    }
  }
  return -1;
}

function bracketLink(text, at) {
  const image = text[at] === "!";
  const open = image ? at + 1 : at;
  const end = closingBracket(text, open, "[", "]");
  if (end < 0 || text[end + 1] !== "(") return null;
  const stop = closingBracket(text, end + 1, "(", ")");
  if (stop < 0) return null;
  const target = text
    .slice(end + 2, stop)
    .trim()
    .replace(/\s+["'(].*["')]$/s, "")
    .replace(/^<(.*)>$/, "$1");
  const label = text.slice(open + 1, end);
  const inner = image ? [label || target] : markdownInline(label);
  return {
    node: safeUrl(target)
      ? link(target, inner)
      : h("span.dead-link", { title: "This link does not lead anywhere" }, inner),
    next: stop + 1,
  };
}

function angle(text, at) {
  const end = text.indexOf(">", at);
  if (end < 0) return null;
  const node = entity(text.slice(at + 1, end));
  return node && { node, next: end + 1 };
}

function closes(text, end, mark) {
  if (/\s/.test(text[end - 1])) return false;
  const next = text[end + mark.length] ?? " ";
  if (mark.startsWith("_") && WORD.test(next)) return false;
  return mark.length > 1 || (next !== mark && text[end - 1] !== mark);
}

function styled(text, at) {
  for (const [mark, wrap] of STYLES) {
    if (!text.startsWith(mark, at) || /\s/.test(text[at + mark.length] ?? " ")) continue;
    if (mark.startsWith("_") && WORD.test(text[at - 1] ?? " ")) continue;
    for (let end = text.indexOf(mark, at + mark.length + 1); end > 0; end = text.indexOf(mark, end + 1)) {
      if (text[end - 1] === "\\" || !closes(text, end, mark)) continue;
      const shift = mark === "**" && text[end + 2] === "*" ? 1 : 0;
      return { node: wrap(markdownInline(text.slice(at + mark.length, end + shift))), next: end + shift + mark.length };
    }
  }
  return null;
}

function special(text, at) {
  const sign = text[at];
  if (sign === "\\" && PUNCTUATION.test(text[at + 1] ?? "")) return { node: text[at + 1], next: at + 2 };
  if (sign === "`") return codeSpan(text, at);
  if (sign === "<") return angle(text, at);
  if (sign === "[" || (sign === "!" && text[at + 1] === "[")) return bracketLink(text, at);
  if ("*_~".includes(sign)) return styled(text, at);
  return text.startsWith("http", at) ? (/^https?:\/\/[^\s<>]+/.exec(text.slice(at))?.[0] ?? "http") : null;
}

/** One run of Markdown without blocks, as nodes. */
export function markdownInline(text) {
  return inlineNodes(text, special);
}
