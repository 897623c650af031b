// Where people write: text, files, mentions, slash commands.

import { send } from "../state/api.js";
import { store } from "../state/store.js";
import { emoji, PICKER } from "../text/emoji.js";
import { h, icon } from "../ui/dom.js";
import { openGrid, openMenu } from "../ui/menu.js";
import { Attachments } from "./attachments.js";
import { Suggestions } from "./suggest.js";

const MARKS = [
  ["bold", "*", "Bold"],
  ["italic", "_", "Italic"],
  ["strike", "~", "Strikethrough"],
  ["code", "`", "Code"],
];

function tool(spec, name, tip, onclick, testid) {
  return h(spec, { tip, testid, onclick }, icon(name));
}

/** A composer. `where()` says {channel, thread}; `onSent(ts)` is called for each post that went through. */
export class Composer {
  constructor({ testid, suffix, where, onSent = () => {}, dropZone, broadcastLabel = null }) {
    Object.assign(this, { where, onSent, dropZone });
    this.drafts = new Map();
    this.box = h("textarea", {
      rows: 1,
      testid,
      aria: "Message",
      enterkeyhint: "send",
      oninput: () => this.changed(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.paste(event),
    });
    this.suggestions = new Suggestions(this.box);
    this.attachments = new Attachments(() => this.changed());
    this.input = h("input", {
      type: "file",
      multiple: true,
      hidden: true,
      testid: `file-input${suffix}`,
      onchange: () => this.picked(),
    });
    this.sendButton = h(
      "button.send",
      { tip: "Send", testid: `send${suffix}`, disabled: true, onclick: () => this.send() },
      icon("send"),
    );
    this.broadcast = h("input", { type: "checkbox", testid: "broadcast" });
    this.broadcastText = h("span");
    this.node = h(
      "div.composer-frame",
      this.suggestions.node,
      h(
        "div.composer",
        this.toolbar(),
        this.box,
        this.attachments.node,
        h("div.composer-bar", this.buttons(suffix), this.sendButton),
      ),
      broadcastLabel ? h("label.broadcast", this.broadcast, this.broadcastText) : null,
      this.input,
    );
    this.watchDrops();
  }

  toolbar() {
    const marks = MARKS.map(([name, mark, label]) => tool("button", name, label, () => this.wrap(mark)));
    const list = tool("button", "list", "Bulleted list", () => this.insert("\n• "));
    return h("div.format-bar", { role: "toolbar", aria: "Formatting" }, marks, list);
  }

  buttons(suffix) {
    const plus = tool("button.round", "plus", "Attach files", () => this.input.click(), `attach${suffix}`);
    const smile = tool("button", "smile", "Emoji", () => {
      const faces = PICKER.map((name) => [name, emoji(name)]);
      openGrid(smile, faces, (name) => this.insert(`:${name}: `));
    });
    const at = tool("button", "at", "Mention someone", () => this.insert("@"));
    this.sampleButton = h(
      "button.sample-button",
      {
        hidden: true,
        testid: `sample${suffix}`,
        onclick: () =>
          openMenu(
            this.sampleButton,
            store.samples.map((sample) => ({ label: sample.name, run: () => this.attachments.addSample(sample.name) })),
          ),
      },
      "Try sample",
    );
    return h("div.composer-buttons", plus, smile, at, this.sampleButton);
  }

  /** Shows the draft of the place that is open now. */
  show(key, placeholder, broadcastText = "") {
    this.box.placeholder = placeholder;
    this.broadcastText.textContent = broadcastText;
    this.sampleButton.hidden = !store.samples.length;
    if (key === this.place) return;
    if (this.place) this.drafts.set(this.place, { text: this.box.value, files: this.attachments.files });
    this.place = key;
    const draft = this.drafts.get(key) ?? { text: "", files: [] };
    this.box.value = draft.text;
    this.attachments.files = draft.files;
    this.broadcast.checked = false;
    this.attachments.draw();
  }

  changed() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 260)}px`;
    this.sendButton.disabled = this.sending || (!this.box.value.trim() && !this.attachments.files.length);
    if (document.activeElement === this.box) this.suggestions.update();
  }

  key(event) {
    if (event.isComposing || this.suggestions.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }

  insert(text) {
    this.box.focus();
    this.box.setRangeText(text, this.box.selectionStart, this.box.selectionEnd, "end");
    this.changed();
  }

  wrap(mark) {
    const { selectionStart: start, selectionEnd: end, value } = this.box;
    this.box.focus();
    this.box.setRangeText(`${mark}${value.slice(start, end)}${mark}`, start, end, "end");
    if (start === end) this.box.setSelectionRange(start + 1, start + 1);
    this.changed();
  }

  picked() {
    this.attachments.add([...this.input.files]);
    this.input.value = "";
    this.box.focus();
  }

  paste(event) {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    this.attachments.add([...event.clipboardData.files]);
  }

  watchDrops() {
    let depth = 0;
    const zone = this.dropZone;
    const over = (on) => zone.classList.toggle("dropping", on);
    zone.addEventListener("dragenter", (event) => {
      event.preventDefault();
      depth += 1;
      over(true);
    });
    zone.addEventListener("dragover", (event) => event.preventDefault());
    zone.addEventListener("dragleave", () => {
      depth -= 1;
      if (depth <= 0) over(false);
    });
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      over(false);
      this.attachments.drop(event.dataTransfer);
      this.box.focus();
    });
  }

  async send() {
    const text = this.box.value.trim();
    const files = this.attachments.files;
    if ((!text && !files.length) || this.sending) return;
    const { channel, thread } = this.where();
    this.sending = true;
    this.box.value = "";
    this.attachments.clear();
    this.suggestions.hide();
    const command = files.length ? null : /^(\/[a-z][\w-]*)(?:\s+([\s\S]*))?$/.exec(text);
    const answer = command ? await this.slash(command, channel, thread) : await this.post(text, files, channel, thread);
    this.sending = false;
    if (answer.ok === false || Object.keys(answer).length === 0) {
      this.box.value ||= text;
      this.attachments.add(files);
    } else if (!command) this.onSent(answer.ts);
    this.broadcast.checked = false;
    this.changed();
  }

  slash([, command, text = ""], channel, thread) {
    return send("/human/slash", { user: store.me, channel, command, text, ...(thread ? { thread_ts: thread } : {}) });
  }

  post(text, files, channel, thread) {
    const form = new FormData();
    form.set("user", store.me);
    form.set("channel", channel);
    form.set("text", text);
    if (thread) form.set("thread_ts", thread);
    if (thread && this.broadcast.checked) form.set("broadcast", "true");
    for (const file of files) form.append("file", file, file.name);
    return send("/human/post", form);
  }
}
