// The app's Home tab.

import { blockNodes } from "../blocks/blocks.js";
import { collect } from "../blocks/fields.js";
import { send } from "../state/api.js";
import { directory } from "../state/directory.js";
import { store } from "../state/store.js";
import { h } from "../ui/dom.js";

/** Draws the Home tab of the current person into `node` when its view changed. */
export function drawHome(node) {
  const view = store.homes.get(store.me) ?? null;
  if (node.drawnView === view && node.drawnFor === store.me) return;
  Object.assign(node, { drawnView: view, drawnFor: store.me });
  if (!view) return node.replaceChildren(h("div.empty", `${directory.bot.name} has not published a Home tab yet.`));
  const values = new Map();
  const act = (body) => send("/human/action", { user: store.me, view_id: view.id, values: collect(values), ...body });
  return node.replaceChildren(h("div.home-inner", { testid: "home" }, blockNodes(view.blocks, { act, values })));
}
