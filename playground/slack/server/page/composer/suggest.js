// What is offered while somebody types @, # or / in a composer.

import { avatar } from "../messages/avatar.js";
import { directory, displayName } from "../state/directory.js";
import { store } from "../state/store.js";
import { h } from "../ui/dom.js";

function people(prefix) {
  const bot = {
    insert: `@${directory.bot.name} `,
    label: directory.bot.name,
    detail: "APP",
    id: directory.bot.user_id,
    words: [directory.bot.name],
  };
  const humans = [...directory.users.values()]
    .filter((user) => !user.is_bot && user.id !== directory.bot.user_id)
    .map((user) => ({
      insert: `@${user.name} `,
      label: displayName(user),
      detail: user.real_name ?? "",
      id: user.id,
      words: [user.name, displayName(user), user.real_name ?? ""],
    }));
  return [bot, ...humans].filter((entry) => entry.words.some((word) => word?.toLowerCase().startsWith(prefix)));
}

function channels(prefix) {
  return [...directory.channels.values()]
    .filter((channel) => channel.kind !== "im" && channel.name?.toLowerCase().startsWith(prefix))
    .map((channel) => ({ insert: `#${channel.name} `, label: `#${channel.name}`, words: [channel.name] }));
}

function commands(prefix) {
  return store.commands
    .filter((entry) => entry.command.slice(1).startsWith(prefix))
    .map((entry) => ({
      insert: `${entry.command} `,
      label: entry.command,
      detail: entry.usage_hint || entry.description,
      words: [entry.command.slice(1)],
    }));
}

const SOURCES = { "@": people, "#": channels, "/": commands };

/** The list above a textarea. `.key(event)` returns true when it used the key. */
export class Suggestions {
  constructor(box) {
    this.box = box;
    this.items = [];
    this.node = h("div.suggestions", { role: "listbox", testid: "suggestions", hidden: true });
    box.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
  }

  update() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const match = /(?:^|\s)([@#])([\p{L}\p{N}._-]*)$/u.exec(before) ?? /^(\/)(\w*)$/.exec(before);
    const prefix = match?.[2].toLowerCase();
    const found = match ? SOURCES[match[1]](prefix) : [];
    this.items = found.some((entry) => entry.words.some((word) => word.toLowerCase() === prefix))
      ? []
      : found.slice(0, 6);
    this.length = match ? match[2].length + 1 : 0;
    this.at = 0;
    this.draw();
  }

  draw() {
    this.node.hidden = !this.items.length;
    this.node.replaceChildren(
      ...this.items.map((entry, index) =>
        h(
          "div.suggestion",
          {
            role: "option",
            "aria-selected": String(index === this.at),
            testid: "suggestion",
            onpointerdown: (event) => {
              event.preventDefault();
              this.choose(index);
            },
          },
          entry.id ? avatar(entry.id, "tiny") : null,
          h("b", entry.label),
          entry.detail ? h("small", entry.detail) : null,
        ),
      ),
    );
  }

  hide() {
    this.items = [];
    this.draw();
  }

  choose(index = this.at) {
    const { selectionStart: end, value } = this.box;
    const start = end - this.length;
    this.box.setRangeText(this.items[index].insert, start, end, "end");
    if (value[end] === " ") this.box.setRangeText("", this.box.selectionStart, this.box.selectionStart + 1, "end");
    this.hide();
    this.box.dispatchEvent(new Event("input"));
    this.box.focus();
  }

  key(event) {
    if (!this.items.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.items.length) % this.items.length;
      this.draw();
    } else if (event.key === "Enter" || event.key === "Tab") this.choose();
    else if (event.key === "Escape") this.hide();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
