// "analyst is reading sales.csv…": the line that says what the bot does, with the Stop button.

import { send } from "../state/api.js";
import { directory } from "../state/directory.js";
import { statusOf, store, working } from "../state/store.js";
import { h, icon } from "../ui/dom.js";

const TURN_MS = 2600;

/** The status line of one thread; `.update(channel, thread)` shows, changes or hides it. */
export class StatusLine {
  constructor(suffix = "") {
    this.words = h("span.status-words", { testid: `status${suffix}`, role: "status" });
    this.stop = h(
      "button.stop",
      { testid: `stop${suffix}`, aria: "Stop", onclick: () => this.halt() },
      icon("stop"),
      "Stop",
    );
    this.node = h(
      "div.status-line",
      { hidden: true },
      h("span.pulse", { "aria-hidden": "true" }, h("i"), h("i"), h("i")),
      this.words,
      this.stop,
    );
    this.turn = 0;
    setInterval(() => {
      this.turn += 1;
      this.say();
    }, TURN_MS);
  }

  async halt() {
    this.stop.disabled = true;
    await send("/human/stop", { user: store.me, channel: this.channel, thread_ts: this.thread });
    this.stop.disabled = false;
  }

  say() {
    const status = this.status;
    const step = status?.steps.length ? status.steps[this.turn % status.steps.length] : "";
    const words = step || (status ? `${directory.bot.name} ${status.text}` : `${directory.bot.name} is writing…`);
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  update(channel, thread) {
    this.channel = channel;
    this.thread = thread;
    this.status = thread ? statusOf(channel, thread) : null;
    this.node.hidden = !thread || !working(channel, thread);
    if (this.node.hidden) this.words.textContent = "";
    else this.say();
  }
}
