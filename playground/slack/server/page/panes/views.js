// Modals (views.open, views.push, views.update) and their submission.

import { blockNodes } from "../blocks/blocks.js";
import { collect } from "../blocks/fields.js";
import { send } from "../state/api.js";
import { dropView, store } from "../state/store.js";
import { textOf } from "../text/mrkdwn.js";
import { h, icon } from "../ui/dom.js";

let shown = { view: null, dialog: null };

function empty(value) {
  const { type: _, ...parts } = value ?? {};
  return Object.values(parts).every(
    (part) =>
      part === null ||
      part === undefined ||
      (Array.isArray(part) && !part.length) ||
      part?.elements?.[0]?.elements?.length === 0,
  );
}

function showErrors(dialog, errors) {
  for (const input of dialog.querySelectorAll(".input")) {
    const text = errors[input.dataset.block] ?? "";
    input.classList.toggle("invalid", Boolean(text));
    input.querySelector(".input-error").textContent = text;
  }
  dialog.querySelector(".invalid .field")?.focus();
}

function missing(view, values) {
  const required = (view.blocks ?? []).filter((block) => block.type === "input" && !block.optional);
  return Object.fromEntries(
    required
      .filter((block) => empty(values[block.block_id ?? ""]?.[block.element?.action_id ?? ""]))
      .map((block) => [block.block_id ?? "", "Please fill this in"]),
  );
}

async function submit(view, fields, dialog) {
  const values = collect(fields);
  const gaps = missing(view, values);
  showErrors(dialog, gaps);
  if (Object.keys(gaps).length) return;
  dialog.classList.add("busy");
  const answer = await send("/human/view", { user: store.me, view_id: view.id, values });
  dialog.classList.remove("busy");
  if (answer.response_action === "errors" || answer.errors) showErrors(dialog, answer.errors ?? {});
  else if (answer.response_action === "clear") dropView(null);
  else if (answer.ok && !["update", "push"].includes(answer.response_action)) dropView(view.id);
}

function close(view) {
  dropView(view.id);
  send("/human/view_close", { user: store.me, view_id: view.id });
}

function dialogFor(view) {
  const fields = new Map();
  const context = {
    values: fields,
    act: (body) => send("/human/action", { user: store.me, view_id: view.id, values: collect(fields), ...body }),
  };
  const hasInputs = (view.blocks ?? []).some((block) => block.type === "input");
  const footer = h(
    "footer",
    h("button.button", { testid: "modal-close", onclick: () => close(view) }, textOf(view.close) || "Close"),
    view.submit || hasInputs
      ? h("button.button.primary", { type: "submit", testid: "modal-submit" }, textOf(view.submit) || "Submit")
      : null,
  );
  const form = h(
    "form",
    {
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        submit(view, fields, dialog);
      },
    },
    h(
      "header",
      h("h2", textOf(view.title)),
      h("button.icon-button", { aria: "Close", onclick: () => close(view) }, icon("close")),
    ),
    h("div.modal-body", blockNodes(view.blocks, context)),
    footer,
  );
  const dialog = h("dialog.modal", { testid: "modal", "data-view": view.id, aria: textOf(view.title) }, form);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close(view);
  });
  return dialog;
}

/** What was typed stays when an update of the view keeps the field. */
function keepTyped(before, after) {
  for (const field of after.querySelectorAll("input.field, textarea.field, select.field")) {
    const block = CSS.escape(field.closest(".input")?.dataset.block ?? "");
    const old = before.querySelector(
      `.input[data-block="${block}"] [data-testid="${CSS.escape(field.dataset.testid)}"]`,
    );
    if (old) field.value = old.value;
  }
}

/** Shows the top view of the stack, or none. */
export function drawViews() {
  const view = store.views.at(-1) ?? null;
  if (view === shown.view) return;
  const before = shown;
  before.dialog?.close();
  before.dialog?.remove();
  shown = { view, dialog: view ? dialogFor(view) : null };
  if (view && before.view?.id === view.id) keepTyped(before.dialog, shown.dialog);
  if (!shown.dialog) return;
  document.getElementById("overlays").append(shown.dialog);
  shown.dialog.showModal();
  shown.dialog.querySelector(".modal-body .field, footer button[type=submit], footer button")?.focus();
}
