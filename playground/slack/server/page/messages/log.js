// A scrolling list of messages with day dividers that stays at its end while the reader is there.

import { dayKey, dayLabel, directory } from "../state/directory.js";
import { h, icon, syncList } from "../ui/dom.js";
import { continues, messageNode } from "./message.js";

const NEAR = 80;

/** Makes a log; call `.update(messages, …)` with each change. */
export class Log {
  constructor({ label, openThread = null }) {
    this.openThread = openThread;
    this.inner = h("div.log-inner");
    this.jump = h("button.jump", { hidden: true, onclick: () => this.toEnd() }, icon("chevron"), "Latest messages");
    this.scroller = h("div.log", { role: "log", aria: label, "aria-live": "polite", tabindex: "0" }, this.inner);
    this.node = h("div.log-frame", this.scroller, this.jump);
    this.stuck = true;
    this.top = 0;
    this.scroller.addEventListener("scroll", () => this.scrolled());
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.inner);
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.scroller);
  }

  /** Only a move upwards means that the reader left the end: content that grows below does not. */
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.stuck = true;
    else if (scrollTop < this.top - 1) this.stuck = false;
    this.top = scrollTop;
    if (this.stuck) this.jump.hidden = true;
  }

  toEnd() {
    this.stuck = true;
    this.jump.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** `lead`, `after` and `tail` are nodes before the first, after the first (thread divider) and after the last message. */
  update(messages, { lead = null, after = null, tail = null, days = true, inlineStatus = () => "" } = {}) {
    const rows = [];
    if (lead) rows.push({ id: "lead", node: lead, mark: [lead] });
    messages.forEach((message, index) => {
      const before = messages[index - 1];
      const newDay = days && (!before || dayKey(before.ts) !== dayKey(message.ts));
      if (newDay) rows.push({ id: `day ${dayKey(message.ts)}`, day: message.ts, mark: [dayLabel(message.ts)] });
      const compact = !newDay && !(after && index === 1) && continues(before, message);
      rows.push({
        id: `message ${message.ts}`,
        message,
        compact,
        mark: [message, compact, directory.me, directory.users],
      });
      const status = inlineStatus(message);
      if (status) rows.push({ id: `status ${message.ts}`, status, mark: [status] });
      if (after && index === 0) rows.push({ id: "after", node: after, mark: [after] });
    });
    if (tail) rows.push({ id: "tail", node: tail, mark: [tail] });
    const grown = messages.at(-1)?.ts !== this.last;
    this.last = messages.at(-1)?.ts;
    syncList(this.inner, rows, { key: (row) => row.id, stamp: (row) => row.mark, draw: (row) => this.draw(row) });
    if (this.stuck) this.toEnd();
    else if (grown) this.jump.hidden = false;
  }

  draw(row) {
    if (row.node) return row.node;
    if (row.day) return h("div.day", { role: "separator" }, h("span", dayLabel(row.day)));
    if (row.status)
      return h(
        "div.inline-status",
        { testid: "status-inline" },
        h("span.pulse", { "aria-hidden": "true" }, h("i"), h("i"), h("i")),
        row.status,
      );
    return messageNode(row.message, { compact: row.compact, openThread: this.openThread });
  }
}
