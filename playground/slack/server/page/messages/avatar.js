// Round-cornered initials, in a colour that belongs to the id.

import { directory, nameOf } from "../state/directory.js";
import { h, icon } from "../ui/dom.js";

const TONES = 6;

function tone(id) {
  return [...(id ?? "")].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 9973, 7) % TONES;
}

export function avatar(id, size = "") {
  if (id && id === directory.bot.user_id)
    return h(`span.avatar.bot${size ? `.${size}` : ""}`, { "aria-hidden": "true" }, icon("spark"));
  const name = nameOf(id);
  const initials = /\p{Script=Latin}/u.test(name)
    ? name
        .split(/[\s._-]+/)
        .map((word) => word[0])
        .slice(0, 2)
        .join("")
        .toUpperCase()
    : [...name][0];
  return h(`span.avatar.tone-${tone(id)}${size ? `.${size}` : ""}`, { "aria-hidden": "true" }, initials ?? "?");
}
