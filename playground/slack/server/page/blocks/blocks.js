// Block Kit blocks as DOM nodes. `context` = {act(body), values?}: how this surface sends actions and collects fields.

import { markdown } from "../text/markdown.js";
import { textObject, textOf } from "../text/mrkdwn.js";
import { richText } from "../text/richtext.js";
import { h } from "../ui/dom.js";
import { chartBlock } from "./charts.js";
import { elementNode } from "./elements.js";
import { image } from "./images.js";
import { dataTableBlock, tableBlock } from "./tables.js";
import { planBlock, taskCard } from "./tasks.js";

function section(block, context) {
  const fields = (block.fields ?? []).map((field) => h("div.section-field", textObject(field)));
  const main = h("div.section-main", textObject(block.text), fields.length ? h("div.section-fields", fields) : null);
  return h(
    "div.section",
    main,
    block.accessory ? h("div.accessory", elementNode(block.accessory, block, context)) : null,
  );
}

function contextBlock(block) {
  return h(
    "div.context",
    (block.elements ?? []).map((element) =>
      element.type === "image" ? image(element, { small: true }) : h("span", textObject(element)),
    ),
  );
}

function actions(block, context) {
  return h(
    "div.actions",
    (block.elements ?? []).map((element) => elementNode(element, block, context)),
  );
}

function input(block, context) {
  return h(
    "div.input",
    { "data-block": block.block_id ?? "" },
    h("div.input-label", textOf(block.label), block.optional ? h("span.optional", "optional") : null),
    elementNode(block.element, block, context),
    block.hint ? h("div.hint", textObject(block.hint)) : null,
    h("div.input-error", { role: "alert" }),
  );
}

const LEVELS = new Set(["info", "warning", "error", "success"]);

function alertBlock(block) {
  return h(
    `div.alert.${LEVELS.has(block.level) ? block.level : "default"}`,
    { role: "note", testid: "alert" },
    h("div", textObject(block.text)),
  );
}

function card(block, context) {
  return h(
    "article.card",
    { testid: "card" },
    block.hero_image ? image(block.hero_image) : null,
    h(
      "div.card-head",
      block.icon ? image(block.icon, { small: true }) : null,
      h(
        "div",
        block.title ? h("div.card-title", textObject(block.title)) : null,
        block.subtitle ? h("div.card-subtitle", textObject(block.subtitle)) : null,
      ),
    ),
    block.body ? h("div.card-body", textObject(block.body)) : null,
    block.actions?.length
      ? h(
          "div.actions",
          block.actions.map((element) => elementNode(element, block, context)),
        )
      : null,
  );
}

function container(block, context) {
  const title = block.title ? textOf(block.title) : richText(block.rich_text_title);
  const inner = blockNodes(block.child_blocks, context);
  if (!block.is_collapsible) return h("section.container", h("div.container-title", title), inner);
  return h("details.container", { open: !block.default_collapsed }, h("summary.container-title", title), inner);
}

const KINDS = {
  section,
  actions,
  input,
  container,
  card,
  context: contextBlock,
  context_actions: actions,
  alert: alertBlock,
  table: tableBlock,
  data_table: dataTableBlock,
  data_visualization: chartBlock,
  task_card: taskCard,
  plan: planBlock,
  header: (block) => h("h3.header", textObject(block.text)),
  divider: () => h("hr"),
  image: (block) => image(block),
  markdown: (block) => h("div.markdown", markdown(block.text)),
  rich_text: (block) => h("div.rich-text", richText(block)),
  carousel: (block, context) =>
    h(
      "div.carousel",
      (block.elements ?? []).map((element) => card(element, context)),
    ),
  file: () => null,
};

/** One block. A kind that the page does not know is named instead of dropped. */
export function blockNode(block, context) {
  const make = Object.hasOwn(KINDS, block?.type) ? KINDS[block.type] : null;
  const node = make ? make(block, context) : h("div.unknown-block", `Block of type “${block?.type}” is not drawn here`);
  node?.classList.add("block", `block-${String(block.type).replace(/[^a-z_]/g, "")}`);
  node?.setAttribute("data-block-type", block.type);
  return node;
}

export function blockNodes(blocks, context) {
  return (blocks ?? []).map((block) => blockNode(block, context)).filter(Boolean);
}
