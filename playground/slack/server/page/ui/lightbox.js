// An image at full size over everything.

import { h, icon } from "./dom.js";

export function openLightbox({ src, alt, name }) {
  const opener = document.activeElement;
  const img = h("img", { src, alt });
  const dialog = h(
    "dialog.lightbox",
    { aria: name || alt || "Image", testid: "lightbox" },
    h(
      "header",
      h("strong", name || alt),
      h("a.icon-button", { href: src, download: name || "image", aria: "Download image" }, icon("download")),
      h("button.icon-button", { aria: "Close image", onclick: () => dialog.close() }, icon("close")),
    ),
    h("div.stage", { onclick: (event) => event.target !== img && dialog.close() }, img),
    alt && alt !== name ? h("p", alt) : null,
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener?.focus?.();
  });
  document.getElementById("overlays").append(dialog);
  dialog.showModal();
}
