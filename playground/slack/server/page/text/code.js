// A block of code: scrolls sideways, folds when it is long, copies on request.

import { h, icon } from "../ui/dom.js";

const FOLD_LINES = 18;

export function codeBlock(text, language = "") {
  const code = h("code", text);
  const lines = text.split("\n").length;
  const copy = h(
    "button.copy",
    {
      aria: "Copy the code",
      title: "Copy",
      onclick: async () => {
        await navigator.clipboard?.writeText(text);
        copy.replaceChildren(icon("check"));
      },
    },
    icon("copy"),
  );
  const block = h(
    "div.code-block",
    { "data-language": language || null },
    language ? h("span.language", language) : null,
    h("pre", code),
    copy,
  );
  if (lines <= FOLD_LINES + 4) return block;
  const fold = h(
    "button.fold",
    {
      "aria-expanded": "false",
      onclick: () => {
        const open = block.classList.toggle("open");
        fold.textContent = open ? "Show less" : `Show all ${lines} lines`;
        fold.setAttribute("aria-expanded", String(open));
      },
    },
    `Show all ${lines} lines`,
  );
  block.classList.add("foldable");
  block.append(fold);
  return block;
}
