// Images of messages: only from this origin, opened large by a click.

import { textOf } from "../text/mrkdwn.js";
import { h, icon } from "../ui/dom.js";
import { openLightbox } from "../ui/lightbox.js";

/** The address in this page of a Slack file's bytes. */
export function fileUrl(id, name = "") {
  return `/human/file/${encodeURIComponent(id)}${name ? `/${encodeURIComponent(name)}` : ""}`;
}

function sourceOf(element) {
  const file = element.slack_file;
  if (file?.id) return fileUrl(file.id);
  const id = /\b(F[A-Z0-9]{6,})\b/.exec(file?.url ?? "")?.[1];
  if (id) return fileUrl(id);
  try {
    const url = new URL(element.image_url ?? "", location.href);
    return element.image_url && url.origin === location.origin ? url.href : null;
  } catch {
    return null;
  }
}

/** A thumbnail that opens the lightbox. */
export function picture(src, alt, name, { small = false } = {}) {
  const img = h("img", { src, alt, loading: "lazy", draggable: "false", testid: "image" });
  if (small) return h("span.tiny-image", img);
  const button = h(
    "button.picture",
    { aria: `Open image: ${alt || name}`, onclick: () => openLightbox({ src, alt, name }) },
    img,
  );
  img.addEventListener("error", () =>
    button.replaceWith(
      h("div.image-missing", { testid: "image-missing" }, icon("warn"), `Image not available: ${alt || name}`),
    ),
  );
  return button;
}

/** An image block or element. Images from elsewhere are named, not loaded: the playground works without a network. */
export function image(element, options = {}) {
  const alt = element.alt_text ?? "";
  const src = sourceOf(element);
  if (!src) return h("div.image-missing", icon("warn"), `Image from elsewhere not loaded: ${alt || "no description"}`);
  const title = textOf(element.title);
  if (options.small) return picture(src, alt, title, options);
  return h("figure.image", title ? h("figcaption", title) : null, picture(src, alt, title || alt || "image"));
}
