// The left side: workspace, channels, people, the app, and who is looking.

import { avatar } from "../messages/avatar.js";
import { channelName, directory, displayName } from "../state/directory.js";
import { store } from "../state/store.js";
import { h, icon } from "../ui/dom.js";

function unreadOf(channel) {
  return store.unread.get(`${store.me} ${channel.id}`) ?? 0;
}

function mine() {
  return [...directory.channels.values()].filter((channel) => !channel.members || channel.members.includes(store.me));
}

function isApp(channel) {
  return channel.kind === "im" && (channel.members ?? [channel.user]).includes(directory.bot.user_id);
}

/** This person's direct-message channel with the app, if there is one. */
export function appChannel() {
  return mine().find(isApp) ?? null;
}

function row(channel, face, name, go) {
  const count = unreadOf(channel);
  const current = store.channel === channel.id;
  return h(
    `button.row${count ? ".unread" : ""}`,
    {
      testid: `channel-${name}`,
      "data-channel": channel.id,
      "aria-current": current ? "page" : null,
      onclick: () => go({ channel: channel.id }),
    },
    face,
    h("span.row-name", name),
    isApp(channel) ? h("span.app-badge", "APP") : null,
    count ? h("span.count", { aria: `${count} unread` }, String(count)) : null,
  );
}

function group(title, rows) {
  return rows.length ? h("section.group", h("h2", title), rows) : null;
}

function other(channel) {
  return (channel.members ?? []).find((id) => id !== store.me) ?? channel.user;
}

function presence(online) {
  return h(`span.presence${online ? ".online" : ""}`, { role: "img", aria: online ? "online" : "offline" });
}

function userSwitch(go) {
  const users = [...directory.users.values()].filter((user) => !user.is_bot && user.id !== directory.bot.user_id);
  const me = directory.users.get(store.me);
  const select = h(
    "select",
    { testid: "user-switch", aria: "Act as", onchange: () => go({ user: select.value }) },
    users.map((user) =>
      h("option", { value: user.id, selected: user.id === store.me }, `${displayName(user)} · ${user.locale ?? ""}`),
    ),
  );
  return h(
    "div.user-switch",
    avatar(store.me),
    h("div.user-words", h("strong", displayName(me)), h("small", me?.tz?.split("/").at(-1).replace("_", " ") ?? "")),
    icon("chevron"),
    select,
  );
}

/** On a phone the sidebar is a drawer: opens or closes it. */
export function toggleSidebar(open) {
  document.body.classList.toggle("drawn", open);
}

/** Draws the sidebar. `go({channel, user})` changes what is looked at. */
export function drawSidebar(node, go) {
  const channels = mine();
  const rooms = channels
    .filter((channel) => channel.kind === "channel" || channel.kind === "group")
    .sort((left, right) => left.name.localeCompare(right.name));
  const direct = channels.filter((channel) => (channel.kind === "im" || channel.kind === "mpim") && !isApp(channel));
  const app = appChannel();
  const focused = node.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  node.replaceChildren(
    h(
      "header.workspace",
      h("span.workspace-mark", { "aria-hidden": "true" }, (store.team.name ?? "P")[0]),
      h(
        "div",
        h("strong", store.team.name ?? "Playground"),
        h(
          "small",
          { testid: "bot-presence" },
          presence(store.botOnline),
          `${directory.bot.name ?? "bot"} is ${store.botOnline ? "online" : "offline"}`,
        ),
        store.answers ? h("small", { testid: "answers" }, `Model: ${store.answers}`) : null,
      ),
    ),
    h(
      "div.groups",
      group(
        "Channels",
        rooms.map((channel) =>
          row(channel, icon(channel.kind === "group" ? "lock" : "hash"), channelName(channel), go),
        ),
      ),
      group(
        "Direct messages",
        direct.map((channel) => row(channel, avatar(other(channel), "tiny"), channelName(channel), go)),
      ),
      group(
        "Apps",
        app
          ? [
              row(
                app,
                h("span.faced", avatar(directory.bot.user_id, "tiny"), presence(store.botOnline)),
                directory.bot.name,
                go,
              ),
            ]
          : [],
      ),
    ),
    userSwitch(go),
  );
  if (focused) node.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}
