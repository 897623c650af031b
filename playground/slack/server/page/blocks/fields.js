// The fields of forms: each draws itself and, when the surface collects values (a modal), says what its value is.

import { channelName, directory, displayName } from "../state/directory.js";
import { textObject, textOf } from "../text/mrkdwn.js";
import { h } from "../ui/dom.js";

let serial = 0;

function plain(inputType) {
  return (element, say) => {
    const attributes = {
      placeholder: textOf(element.placeholder),
      value: element.initial_value ?? "",
      maxlength: element.max_length,
      minlength: element.min_length,
      onkeydown: (event) => {
        if (event.key === "Enter" && inputType !== "textarea" && element.dispatch_action_config)
          say({ value: node.value });
      },
    };
    const node =
      inputType === "textarea"
        ? h("textarea", { rows: 4, ...attributes })
        : h("input", {
            type: inputType,
            step: inputType === "number" && element.is_decimal_allowed ? "any" : null,
            ...attributes,
          });
    return { node, read: () => ({ value: node.value || null }) };
  };
}

function picker(inputType, name) {
  return (element, say) => {
    const node = h("input", {
      type: inputType,
      value: element[`initial_${name}`] ?? "",
      onchange: () => say({ [`selected_${name}`]: node.value || null }),
    });
    return { node, read: () => ({ [`selected_${name}`]: node.value || null }) };
  };
}

function dateTime(element, say) {
  const local = (seconds) =>
    new Date(seconds * 1000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  const read = () => ({ selected_date_time: node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null });
  const node = h("input", {
    type: "datetime-local",
    value: element.initial_date_time ? local(element.initial_date_time) : "",
    onchange: () => say(read()),
  });
  return { node, read };
}

function richTextInput(element) {
  const node = h("textarea", { rows: 5, placeholder: textOf(element.placeholder) });
  const read = () => ({
    rich_text_value: {
      type: "rich_text",
      elements: [{ type: "rich_text_section", elements: node.value ? [{ type: "text", text: node.value }] : [] }],
    },
  });
  return { node, read };
}

function optionsOf(element) {
  return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options ?? [])];
}

function people() {
  return [...directory.users.values()].map((user) => ({ id: user.id, label: displayName(user) }));
}

function conversations() {
  return [...directory.channels.values()].map((channel) => ({
    id: channel.id,
    label: `${channel.kind === "im" ? "" : "#"}${channelName(channel)}`,
  }));
}

function select(name, choices, multiple) {
  return (element, say) => {
    const entries = choices(element);
    const first = element[`initial_${name}${multiple ? "s" : ""}`];
    const wanted = new Set([first ?? []].flat().map((entry) => entry.value ?? entry));
    const node = h(
      "select",
      { multiple, size: multiple ? Math.min(6, Math.max(entries.length, 2)) : null, onchange: () => say(read()) },
      multiple ? null : h("option", { value: "" }, textOf(element.placeholder) || "Choose…"),
      entries.map((entry) => h("option", { value: entry.id, selected: wanted.has(entry.id) }, entry.label)),
    );
    const raw = (id) => entries.find((entry) => entry.id === id)?.raw ?? id;
    const read = () =>
      multiple
        ? { [`selected_${name}s`]: [...node.selectedOptions].map((option) => raw(option.value)) }
        : { [`selected_${name}`]: node.value ? raw(node.value) : null };
    return { node, read };
  };
}

const staticOptions = (element) =>
  optionsOf(element).map((option) => ({ id: option.value, label: textOf(option.text), raw: option }));

function choiceGroup(inputType) {
  return (element, say) => {
    serial += 1;
    const group = `choice-${serial}`;
    const many = inputType === "checkbox";
    const wanted = new Set(
      [element.initial_options ?? element.initial_option ?? []].flat().map((option) => option.value),
    );
    const boxes = optionsOf(element).map((option) => ({
      option,
      box: h("input", {
        type: inputType,
        name: group,
        value: option.value,
        checked: wanted.has(option.value),
        onchange: () => say(read()),
      }),
    }));
    const read = () => {
      const chosen = boxes.filter(({ box }) => box.checked).map(({ option }) => option);
      return many ? { selected_options: chosen } : { selected_option: chosen[0] ?? null };
    };
    const node = h(
      "div.choices",
      { role: many ? "group" : "radiogroup" },
      boxes.map(({ option, box }) =>
        h(
          "label.choice",
          box,
          h("span", textObject(option.text), option.description ? h("small", textObject(option.description)) : null),
        ),
      ),
    );
    return { node, read };
  };
}

const KINDS = {
  plain_text_input: (element, say) => plain(element.multiline ? "textarea" : "text")(element, say),
  email_text_input: plain("email"),
  url_text_input: plain("url"),
  number_input: plain("number"),
  rich_text_input: richTextInput,
  datepicker: picker("date", "date"),
  timepicker: picker("time", "time"),
  datetimepicker: dateTime,
  static_select: select("option", staticOptions, false),
  multi_static_select: select("option", staticOptions, true),
  external_select: select("option", staticOptions, false),
  multi_external_select: select("option", staticOptions, true),
  users_select: select("user", people, false),
  multi_users_select: select("user", people, true),
  channels_select: select("channel", conversations, false),
  multi_channels_select: select("channel", conversations, true),
  conversations_select: select("conversation", conversations, false),
  multi_conversations_select: select("conversation", conversations, true),
  checkboxes: choiceGroup("checkbox"),
  radio_buttons: choiceGroup("radio"),
};

/** A form field as a node, registered with the surface's values; null for unknown kinds. */
export function field(element, block, context, say) {
  const make = KINDS[element?.type];
  if (!make) return null;
  const speaks = block.type !== "input" || block.dispatch_action;
  const { node, read } = make(element, (extra) => speaks && say(extra));
  node.classList.add("field");
  node.dataset.testid = `field-${element.action_id ?? ""}`;
  if (!node.getAttribute("aria-label"))
    node.setAttribute(
      "aria-label",
      textOf(block.label) || textOf(block.text) || textOf(element.placeholder) || element.action_id || "Field",
    );
  context.values?.set(`${block.block_id ?? ""}\u0000${element.action_id ?? ""}`, () => ({
    type: element.type,
    ...read(),
  }));
  return node;
}

/** The values of all fields in the shape of Slack's view.state.values. */
export function collect(values) {
  const out = {};
  for (const [key, read] of values ?? []) {
    const [block, action] = key.split("\u0000");
    out[block] = { ...out[block], [action]: read() };
  }
  return out;
}
