// Building DOM nodes. Text always becomes text nodes: nothing in this page parses HTML.

const SVG = "http://www.w3.org/2000/svg";

function assign(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on") && typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, entry] of Object.entries(value)) node.style.setProperty(key, entry);
    else if (name === "value") node.value = value;
    else if (name === "testid") node.dataset.testid = value;
    else if (name === "aria") node.setAttribute("aria-label", value);
    else if (name === "tip") assign(node, { "aria-label": value, title: value });
    else if (name === "checked" || name === "selected" || name === "disabled") node[name] = Boolean(value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Makes an element: h("button.primary", {onclick}, "Send"). Strings become text; null, false and undefined are left out. `tip` is title and label. */
export function h(spec, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  if (tag === "button") node.type = "button";
  if (children[0]?.constructor === Object) assign(node, children.shift());
  node.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false && child !== ""),
  );
  return node;
}

/** Makes an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  assign(node, attributes);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M4 15h16",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  send: "M4 5l16 7-16 7 2.5-7zM6.5 12H13",
  plus: "M12 5v14M5 12h14",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zm0 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1",
  close: "M6 6l12 12M18 6L6 18",
  reply: "M4 5h16v11H11l-5 4v-4H4z",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14a4 4 0 0 0 7 0M9 9.5v.5M15 9.5v.5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  stop: "M7 7h10v10H7z",
  download: "M12 4v11m0 0l-4-4m4 4l4-4M5 20h14",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.01",
  dot: "M12 12h.01",
  spark: "M12 3l2 6.5L20.5 12 14 14l-2 7-2-7-6.5-2L10 9.5z",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  up: "M7 11v9H4v-9zm0 0l4-8c1.7 0 2.5 1 2.5 2.500L13 10h6.500l-1.500 10H7",
  down: "M7 13V4H4v9zm0 0l4 8c1.700 0 2.500-1 2.500-2.500L13 14h6.500L18 4H7",
  chevron: "M8 10l4 4 4-4",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  bold: "M8 5h5a3.500 3.500 0 0 1 0 7H8zM8 12h6a3.500 3.500 0 0 1 0 7H8z",
  italic: "M14 5l-4 14M10 5h7M7 19h7",
  strike:
    "M5 12h14M16 8c-.500-2-2-3-4-3-2.500 0-4 1.300-4 3 0 1.500 1 2.500 4 4M8 16c.500 2 2 3 4 3 2.500 0 4-1.300 4-3 0-.600-.200-1.100-.500-1.600",
  code: "M9 7l-5 5 5 5M15 7l5 5-5 5",
  list: "M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
};

/** An outline icon of 24 × 24 units, sized by CSS. */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" },
    svg("path", { d: PATHS[name] ?? PATHS.dot }),
  );
}

const SAFE_SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** The URL if a click on it is harmless, else null (javascript:, data: and friends). */
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return SAFE_SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens in a new tab, or only its label when the URL is not safe. */
export function link(url, ...label) {
  const href = safeUrl(url);
  if (!href) return h("span", ...label);
  return h("a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...label);
}

/**
 * Makes the children of `container` match `items`, and touches only what changed: an item is drawn again
 * when its `stamp` (compared by identity, element by element) differs from the last time.
 */
export function syncList(container, items, { key, stamp, draw }) {
  const known = container.syncedNodes ?? new Map();
  const wanted = new Map();
  let cursor = container.firstChild;
  for (const item of items) {
    const id = key(item);
    const mark = stamp(item);
    const old = known.get(id);
    const same = old && old.mark.length === mark.length && old.mark.every((part, index) => part === mark[index]);
    const node = same ? old.node : draw(item);
    wanted.set(id, { node, mark });
    if (node === cursor) cursor = cursor.nextSibling;
    else if (old && old.node === cursor) {
      cursor = cursor.nextSibling;
      old.node.replaceWith(node);
    } else container.insertBefore(node, cursor);
  }
  const kept = new Set([...wanted.values()].map((entry) => entry.node));
  for (const child of [...container.childNodes]) if (!kept.has(child)) child.remove();
  container.syncedNodes = wanted;
}
