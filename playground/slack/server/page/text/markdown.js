// Standard Markdown in Slack's dialect as DOM nodes: paragraphs, headings, lists, tasks, quotes, fences, tables, rules.

import { h } from "../ui/dom.js";
import { codeBlock } from "./code.js";
import { markdownInline } from "./markdown-inline.js";

const FENCE = /^(\s{0,3})(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+•]|\d{1,9}[.)])(\s+)(.*)$/;
const DELIMITER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function fence(lines, at) {
  const [, indent, mark, info] = FENCE.exec(lines[at]);
  const body = [];
  let next = at + 1;
  const end = new RegExp(`^\\s{0,3}${mark[0]}{${mark.length},}\\s*$`);
  while (next < lines.length && !end.test(lines[next]))
    body.push(lines[next++].replace(new RegExp(`^\\s{0,${indent.length}}`), ""));
  return { node: codeBlock(body.join("\n"), info.trim().split(/\s/)[0]), next: next + 1 };
}

function cells(line) {
  const parts = [""];
  let code = false;
  const trimmed = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  for (let at = 0; at < trimmed.length; at += 1) {
    if (trimmed[at] === "\\" && trimmed[at + 1] === "|") parts[parts.length - 1] += trimmed[++at];
    else if (trimmed[at] === "|" && !code) parts.push("");
    else {
      if (trimmed[at] === "`") code = !code;
      parts[parts.length - 1] += trimmed[at];
    }
  }
  return parts.map((part) => part.trim());
}

function table(lines, at) {
  const head = cells(lines[at]);
  const aligns = cells(lines[at + 1]).map((cell) =>
    /^:-+:$/.test(cell) ? "center" : /-:$/.test(cell) ? "right" : "left",
  );
  const row = (tag, values) =>
    h(
      "tr",
      head.map((_, index) =>
        h(tag, { class: `align-${aligns[index] ?? "left"}` }, markdownInline(values[index] ?? "")),
      ),
    );
  const body = [];
  let next = at + 2;
  while (next < lines.length && lines[next].includes("|") && lines[next].trim())
    body.push(row("td", cells(lines[next++])));
  return { node: h("div.table-wrap", h("table", h("thead", row("th", head)), h("tbody", body))), next };
}

function listItem(raw) {
  const task = /^\[([ xX])\]\s+/.exec(raw[0]);
  if (!task) return h("li", markdown(raw.join("\n"), true));
  const box = h("input", { type: "checkbox", disabled: true, checked: task[1] !== " " });
  return h(
    "li.task",
    box,
    h("div.task-text", markdown([raw[0].slice(task[0].length), ...raw.slice(1)].join("\n"), true)),
  );
}

function list(lines, at) {
  const first = ITEM.exec(lines[at]);
  const ordered = /\d/.test(first[2]);
  const base = first[1].length;
  const items = [];
  let next = at;
  while (next < lines.length) {
    const match = ITEM.exec(lines[next]);
    if (match && match[1].length <= base + 1 && /\d/.test(match[2]) === ordered && match[1].length >= base - 1) {
      items.push([match[4]]);
      next += 1;
    } else if (
      !lines[next].trim() &&
      next + 1 < lines.length &&
      (/^\s{2,}\S/.test(lines[next + 1]) || ITEM.test(lines[next + 1]))
    ) {
      const upcoming = ITEM.exec(lines[next + 1]);
      if (upcoming && /\d/.test(upcoming[2]) !== ordered && upcoming[1].length <= base + 1) break;
      items.at(-1).push("");
      next += 1;
    } else if (lines[next].trim() && /^\s/.test(lines[next]) && lines[next].search(/\S/) > base) {
      items
        .at(-1)
        .push(lines[next].slice(Math.min(lines[next].search(/\S/), base + first[2].length + first[3].length)));
      next += 1;
    } else break;
  }
  const start = ordered ? Number.parseInt(first[2], 10) : null;
  return { node: h(ordered ? "ol" : "ul", { start: start === 1 ? null : start }, items.map(listItem)), next };
}

function quote(lines, at) {
  const body = [];
  let next = at;
  while (next < lines.length && /^\s{0,3}>/.test(lines[next])) body.push(lines[next++].replace(/^\s{0,3}> ?/, ""));
  return { node: h("blockquote", markdown(body.join("\n"))), next };
}

function isTable(lines, at) {
  return (
    lines[at].includes("|") &&
    at + 1 < lines.length &&
    DELIMITER.test(lines[at + 1]) &&
    lines[at + 1].includes("-") &&
    cells(lines[at]).length === cells(lines[at + 1]).length
  );
}

function starts(lines, at) {
  const line = lines[at];
  return (
    FENCE.test(line) ||
    HEADING.test(line) ||
    RULE.test(line) ||
    ITEM.test(line) ||
    /^\s{0,3}>/.test(line) ||
    isTable(lines, at)
  );
}

function block(lines, at, tight) {
  const line = lines[at];
  if (FENCE.test(line)) return fence(lines, at);
  const heading = HEADING.exec(line);
  if (heading) return { node: h(`h${heading[1].length}.md-heading`, markdownInline(heading[2])), next: at + 1 };
  if (RULE.test(line)) return { node: h("hr"), next: at + 1 };
  if (/^\s{0,3}>/.test(line) && !/^\s*&/.test(line)) return quote(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  if (isTable(lines, at)) return table(lines, at);
  let next = at + 1;
  while (next < lines.length && lines[next].trim() && !starts(lines, next)) next += 1;
  const text = lines
    .slice(at, next)
    .map((entry) => entry.trim())
    .join("\n");
  return { node: h(tight ? "div.line" : "p", markdownInline(text)), next };
}

/** A whole Markdown text, as nodes. `tight` leaves out the space between paragraphs (in list items). */
export function markdown(text, tight = false) {
  const lines = String(text ?? "")
    .replace(/\r\n?/g, "\n")
    .split("\n");
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const found = block(lines, at, tight);
    nodes.push(found.node);
    at = found.next;
  }
  return nodes;
}
