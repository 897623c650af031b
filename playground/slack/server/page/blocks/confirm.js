// Confirm dialogs of Block Kit and of the page itself.

import { textObject, textOf } from "../text/mrkdwn.js";
import { h } from "../ui/dom.js";

/** Shows a Block Kit confirm object; resolves to true when confirmed. Esc means no. */
export function confirmDialog({ title, text, confirm, deny, style }) {
  return new Promise((resolve) => {
    const close = (answer) => () => {
      resolve(answer);
      dialog.close();
    };
    const yes = h(
      `button.button.${style === "danger" ? "danger" : "primary"}`,
      { testid: "confirm-yes", onclick: close(true) },
      textOf(confirm) || "Yes",
    );
    const dialog = h(
      "dialog.confirm",
      { testid: "confirm", aria: textOf(title) || "Please confirm" },
      h("h2", textOf(title) || "Are you sure?"),
      h("div.confirm-text", textObject(text)),
      h("footer", h("button.button", { testid: "confirm-no", onclick: close(false) }, textOf(deny) || "Cancel"), yes),
    );
    dialog.addEventListener("close", () => {
      resolve(false);
      dialog.remove();
    });
    document.getElementById("overlays").append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
