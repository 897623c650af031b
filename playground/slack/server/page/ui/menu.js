// Pop-up menus and pickers, placed at the button that opened them.

import { h } from "./dom.js";

let current = null;

export function closeMenu() {
  current?.remove();
  current = null;
}

function place(node, anchor) {
  const box = anchor.getBoundingClientRect();
  const { width, height } = node.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.right - width, innerWidth - width - 8));
  const below = box.bottom + 4 + height < innerHeight - 8;
  node.style.setProperty("left", `${left}px`);
  node.style.setProperty("top", `${below ? box.bottom + 4 : Math.max(8, box.top - height - 4)}px`);
}

function show(node, anchor) {
  closeMenu();
  current = node;
  const host = anchor.closest("dialog") ?? document.getElementById("overlays");
  host.append(node);
  place(node, anchor);
  node.querySelector("button")?.focus();
  const away = (event) => {
    if (
      event.type === "keydown" ? event.key !== "Escape" : node.contains(event.target) || anchor.contains(event.target)
    )
      return;
    document.removeEventListener("pointerdown", away, true);
    document.removeEventListener("keydown", away, true);
    if (event.type === "keydown") {
      event.stopPropagation();
      event.preventDefault();
      anchor.focus();
    }
    if (current === node) closeMenu();
  };
  document.addEventListener("pointerdown", away, true);
  document.addEventListener("keydown", away, true);
}

function step(event, menu) {
  const offset = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!offset) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("button")];
  items[(items.indexOf(document.activeElement) + offset + items.length) % items.length].focus();
}

function choice(spec, attributes, run, content) {
  const onclick = () => {
    closeMenu();
    run();
  };
  return h(spec, { role: "menuitem", ...attributes, onclick }, content);
}

/** Opens a menu of {label, run, testid, danger}; null entries are rules. */
export function openMenu(anchor, entries) {
  const items = entries.map((entry) => {
    if (!entry) return h("hr");
    return choice(`button${entry.danger ? ".danger" : ""}`, { testid: entry.testid }, entry.run, entry.label);
  });
  const menu = h("div.menu", { role: "menu", testid: "menu", onkeydown: (event) => step(event, menu) }, items);
  show(menu, anchor);
}

/** Opens a grid of choices [[value, symbol]…]. */
export function openGrid(anchor, choices, pick) {
  const items = choices.map(([value, symbol]) =>
    choice("button", { tip: value, testid: `emoji-${value}` }, () => pick(value), symbol),
  );
  show(h("div.menu.grid", { role: "menu", aria: "Emoji" }, items), anchor);
}
