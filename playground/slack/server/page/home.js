// The app's Home tab.

import { send } from "./api.js";
import { blockNodes } from "./blocks.js";
import { directory } from "./directory.js";
import { h } from "./dom.js";
import { collect } from "./fields.js";
import { store } from "./store.js";

/** Draws the Home tab of the current person into `node` when its view changed. */
export function drawHome(node) {
  const view = store.homes.get(store.me) ?? null;
  if (node.drawnView === view && node.drawnFor === store.me) return;
  Object.assign(node, { drawnView: view, drawnFor: store.me });
  if (!view) return node.replaceChildren(h("div.empty", {}, `${directory.bot.name} has not published a Home tab yet.`));
  const values = new Map();
  const act = (body) => send("/human/action", { user: store.me, view_id: view.id, values: collect(values), ...body });
  return node.replaceChildren(h("div.home-inner", { "data-testid": "home" }, blockNodes(view.blocks, { act, values })));
}
