// The right side: one thread with its status line and composer.

import { Composer } from "../composer/composer.js";
import { Log } from "../messages/log.js";
import { channelName, directory } from "../state/directory.js";
import { store, threadMessages, titleOf } from "../state/store.js";
import { h, icon } from "../ui/dom.js";
import { StatusLine } from "./status.js";

/** The thread pane; hidden while no thread is open. */
export class ThreadPane {
  constructor(node, go) {
    this.node = node;
    this.title = h("div.thread-title");
    this.log = new Log({ label: "Thread" });
    this.status = new StatusLine();
    this.composer = new Composer({
      testid: "composer-thread",
      suffix: "-thread",
      dropZone: node,
      broadcastLabel: true,
      where: () => ({ channel: store.channel, thread: store.thread }),
      onSent: () => this.log.toEnd(),
    });
    node.append(
      h(
        "header.pane-head",
        this.title,
        h(
          "button.icon-button",
          { aria: "Close thread", title: "Close", testid: "thread-close", onclick: () => go({ thread: null }) },
          icon("close"),
        ),
      ),
      this.log.node,
      this.status.node,
      this.composer.node,
      h("div.drop-hint", { "aria-hidden": "true" }, icon("file"), "Drop files into the thread"),
    );
    node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) go({ thread: null });
    });
  }

  update() {
    this.node.hidden = !store.thread || store.tab === "home";
    if (this.node.hidden) return;
    const channel = directory.channels.get(store.channel);
    const place = channel?.kind === "im" ? channelName(channel) : `#${channelName(channel)}`;
    const title = titleOf(store.channel, store.thread);
    this.title.replaceChildren(h("h2", title || "Thread"), h("span.thread-place", place));
    const messages = threadMessages();
    const replies = messages.filter((message) => message.ts !== store.thread && !message.is_ephemeral).length;
    if (replies !== this.replies) {
      this.replies = replies;
      this.divider = h("div.replies", h("span", `${replies} ${replies === 1 ? "reply" : "replies"}`));
    }
    this.log.update(messages, { after: replies ? this.divider : null, days: false });
    this.status.update(store.channel, store.thread);
    this.composer.show(`${store.me} ${store.channel} ${store.thread}`, "Reply…", `Also send to ${place}`);
  }

  /** Called when another thread was opened: the reader starts at its end. */
  opened(focus = true) {
    this.log.toEnd();
    if (focus) this.composer.box.focus();
  }
}
