// Interactive elements of Block Kit that act at once: buttons, feedback, menus. Fields of forms are in fields.js.

import { directory } from "../state/directory.js";
import { textObject, textOf } from "../text/mrkdwn.js";
import { h, icon, safeUrl } from "../ui/dom.js";
import { openMenu } from "../ui/menu.js";
import { confirmDialog } from "./confirm.js";
import { field } from "./fields.js";
import { image } from "./images.js";

/** Runs the element's confirm dialog (if it has one), then sends the action. `context.act` is given by the surface. */
export async function trigger(element, block, context, extra = {}) {
  if (element.confirm && !(await confirmDialog(element.confirm))) return;
  await context.act({
    block_id: block.block_id ?? "",
    action_id: element.action_id ?? "",
    type: element.type,
    ...extra,
  });
}

async function busy(button, work) {
  button.disabled = true;
  button.classList.add("busy");
  try {
    await work();
  } finally {
    button.disabled = false;
    button.classList.remove("busy");
  }
}

function pressable(spec, element, extra, block, context, ...children) {
  const button = h(
    spec,
    {
      testid: `button-${element.action_id ?? ""}`,
      onclick: () => busy(button, () => trigger(element, block, context, extra)),
    },
    ...children,
  );
  return button;
}

function buttonElement(element, block, context) {
  const extra = element.value === undefined ? {} : { value: element.value };
  const button = pressable(
    `button.button${element.style ? `.${element.style === "danger" ? "danger" : "primary"}` : ""}`,
    element,
    extra,
    block,
    context,
    textObject(element.text),
  );
  if (element.accessibility_label) button.setAttribute("aria-label", element.accessibility_label);
  const url = element.url && safeUrl(element.url);
  if (url) button.addEventListener("click", () => window.open(url, "_blank", "noopener"));
  return button;
}

function feedbackButtons(element, block, context) {
  const group = h("span.feedback", {
    role: "group",
    aria: "Was this helpful?",
    testid: `feedback-${element.action_id ?? ""}`,
  });
  const one = (side, name) => {
    const choice = element[`${side}_button`] ?? {};
    const button = pressable(
      `button.icon-button.${side}`,
      element,
      { value: choice.value },
      block,
      context,
      icon(name),
    );
    button.setAttribute("aria-label", choice.accessibility_label ?? textOf(choice.text) ?? side);
    button.title = textOf(choice.text);
    button.dataset.testid = `button-${element.action_id ?? ""}-${side}`;
    button.addEventListener("click", () => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
    });
    return button;
  };
  group.append(one("positive", "up"), one("negative", "down"));
  return group;
}

function iconButton(element, block, context) {
  const visible = element.visible_to_user_ids;
  if (visible?.length && !visible.includes(directory.me)) return null;
  const extra = element.value === undefined ? {} : { value: element.value };
  const button = pressable(
    "button.icon-button",
    element,
    extra,
    block,
    context,
    icon(element.icon === "trash" ? "trash" : "dot"),
  );
  button.setAttribute("aria-label", element.accessibility_label ?? textOf(element.text));
  button.title = textOf(element.text);
  return button;
}

function overflow(element, block, context) {
  const button = h(
    "button.icon-button",
    {
      aria: "More actions",
      "aria-haspopup": "menu",
      testid: `button-${element.action_id ?? ""}`,
      onclick: () => {
        openMenu(
          button,
          (element.options ?? []).map((option) => ({
            label: textOf(option.text),
            run: () => trigger(element, block, context, { value: option.value, selected_option: option }),
          })),
        );
      },
    },
    icon("more"),
  );
  return button;
}

const KINDS = {
  button: buttonElement,
  workflow_button: buttonElement,
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
  overflow,
  image: (element) => image(element, { small: true }),
};

/** Any Block Kit element as a node; null for kinds that this page does not know. */
export function elementNode(element, block, context) {
  return (
    KINDS[element?.type]?.(element, block, context) ??
    field(element, block, context, (extra) => trigger(element, block, context, extra))
  );
}
