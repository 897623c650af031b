// Forwarding a message: where to, and a few words with it.

import { send } from "../state/api.js";
import { directory } from "../state/directory.js";
import { store } from "../state/store.js";
import { h } from "../ui/dom.js";

function places() {
  const mine = [...directory.channels.values()].filter((channel) => channel.members?.includes(store.me));
  return mine.map((channel) => ({ id: channel.id, label: channel.name ? `#${channel.name}` : directory.bot.name }));
}

/** Asks where a message is to be forwarded to, and forwards it. */
export function forwardDialog(message) {
  const source = store.channel;
  const to = h(
    "select",
    { aria: "Forward to", testid: "forward-to" },
    places().map(({ id, label }) => h("option", { value: id, selected: id === source }, label)),
  );
  const text = h("textarea", { rows: 2, aria: "Add a message", placeholder: "Add a message", testid: "forward-text" });
  const forward = () => {
    send("/human/forward", { user: store.me, channel: source, message_ts: message.ts, to: to.value, text: text.value });
    dialog.close();
  };
  const dialog = h(
    "dialog.confirm.forward",
    { testid: "forward-dialog", aria: "Forward message" },
    h("h2", "Forward message"),
    to,
    text,
    h(
      "footer",
      h("button.button", { onclick: () => dialog.close() }, "Cancel"),
      h("button.button.primary", { testid: "forward-send", onclick: forward }, "Forward"),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.getElementById("overlays").append(dialog);
  dialog.showModal();
  text.focus();
}
