// task_card and plan: what an agent did, step by step.

import { markdown } from "../text/markdown.js";
import { textOf } from "../text/mrkdwn.js";
import { richText } from "../text/richtext.js";
import { h, icon, link } from "../ui/dom.js";

const MARKS = { complete: "check", error: "warn", pending: "dot", in_progress: "dot" };
const WORDS = { complete: "done", error: "failed", pending: "waiting", in_progress: "running" };

function body(part) {
  if (!part) return [];
  return typeof part === "string" ? markdown(part) : richText(part);
}

/** A `task_card` block: one line, with details behind it when there are any. */
export function taskCard(block) {
  const status = MARKS[block.status] ? block.status : "pending";
  const mark = h(`span.task-mark.${status}`, { role: "img", aria: WORDS[status] }, icon(MARKS[status]));
  const sources = (block.sources ?? []).map((source) => link(source.url, source.text || source.url));
  const inner = [body(block.details), body(block.output), sources.length ? h("div.sources", sources) : null]
    .flat()
    .filter(Boolean);
  const title = h("span.task-title", textOf(block.title));
  if (!inner.length) return h("div.task-card", { testid: "task-card", "data-status": status }, mark, title);
  return h(
    "details.task-card",
    { testid: "task-card", "data-status": status },
    h("summary", mark, title, icon("chevron")),
    h("div.task-body", inner),
  );
}

/** A `plan` block: a title over its task cards. */
export function planBlock(block) {
  return h(
    "section.plan",
    { testid: "plan" },
    h("div.plan-title", textOf(block.title)),
    (block.tasks ?? []).map(taskCard),
  );
}
