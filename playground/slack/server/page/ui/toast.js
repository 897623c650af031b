// Short remarks at the bottom of the page.

import { h } from "./dom.js";

/** Says something for a few seconds at the bottom of the page. */
export function toast(text) {
  const node = h("div.toast", text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}
