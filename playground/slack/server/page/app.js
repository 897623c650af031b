// Wires the page: address ↔ store ↔ panes, and the live line to the playground.

import { MainPane } from "./panes/pane.js";
import { appChannel, drawSidebar, toggleSidebar } from "./panes/sidebar.js";
import { ThreadPane } from "./panes/thread.js";
import { drawViews } from "./panes/views.js";
import { get, live, send } from "./state/api.js";
import { channelName, directory } from "./state/directory.js";
import { apply, changed, loadChannel, loadState, loadThread, store, subscribe } from "./state/store.js";
import { closeMenu } from "./ui/menu.js";

const byId = (id) => document.getElementById(id);
const main = new MainPane(byId("main"), go);
const thread = new ThreadPane(byId("thread"), go);

/** Changes what is looked at: any of {user, channel, thread, tab}. The address keeps it. */
function go(change) {
  const leaving = "channel" in change || "user" in change;
  if (leaving) toggleSidebar(false);
  const next = {
    user: store.me,
    channel: store.channel,
    thread: leaving ? null : store.thread,
    tab: leaving ? "messages" : store.tab,
    ...change,
  };
  if ("user" in change && !("channel" in change)) next.channel = homeOf(change.user);
  const query = new URLSearchParams(
    Object.entries(next).filter(([key, value]) => value && !(key === "tab" && value === "messages")),
  );
  if (`#${query}` === location.hash) return;
  history.pushState(null, "", `#${query}`);
  follow();
}

/** Where a person lands after a switch: the same channel when they are in it, their own conversation with the app instead of another's. */
function homeOf(user) {
  const here = directory.channels.get(store.channel);
  if (here?.members?.includes(user)) return here.id;
  const theirs = [...directory.channels.values()].filter((channel) => channel.members?.includes(user));
  const same = here?.kind === "im" && here.members.includes(directory.bot.user_id);
  return (
    (same && theirs.find((channel) => channel.kind === "im" && channel.members.includes(directory.bot.user_id))?.id) ||
    theirs.find((channel) => channel.kind === "channel")?.id
  );
}

function firstChannel() {
  const mine = [...directory.channels.values()].filter((channel) => channel.members?.includes(store.me));
  return (
    mine.find((channel) => channel.members.includes(directory.bot.user_id) && channel.kind === "channel") ?? mine[0]
  )?.id;
}

/** Takes the address over into the store and fetches what it needs. */
function follow() {
  const query = new URLSearchParams(location.hash.slice(1));
  const people = [...directory.users.values()].filter((user) => !user.is_bot);
  const before = { ...store };
  store.me = directory.users.has(query.get("user")) ? query.get("user") : people[0]?.id;
  directory.me = store.me;
  document.documentElement.lang = directory.users.get(store.me)?.locale ?? "en";
  store.channel = directory.channels.has(query.get("channel")) ? query.get("channel") : firstChannel();
  store.thread = query.get("thread");
  store.tab = query.get("tab") ?? "messages";
  store.unread.delete(`${store.me} ${store.channel}`);
  if (before.me !== store.me) store.views = [];
  if (!store.lists.has(store.channel)) loadChannel(store.channel);
  if (store.thread && !store.threads.has(`${store.channel} ${store.thread}`)) loadThread(store.channel, store.thread);
  closeMenu();
  draw(); // at once: what is typed next belongs to the new place
  arrive(before);
}

function arrive(before) {
  const moved = before.channel !== store.channel || before.me !== store.me;
  if (appChannel()?.id === store.channel && (moved || before.tab !== store.tab)) openHome();
  if (moved) main.log.toEnd();
  if (store.thread && before.thread !== store.thread) thread.opened(!main.composer.box.value);
  else if (moved) main.composer.box.focus();
}

async function openHome() {
  const user = store.me;
  const answer = await send("/human/home", { user, tab: store.tab });
  if (answer.view) {
    store.homes.set(user, answer.view);
    changed();
  }
}

/** A thread that this page began opens by itself when the bot begins to work in it. */
function openStarted(frame) {
  const root = frame.thread_ts ?? frame.message?.thread_ts;
  if (
    !["status", "message"].includes(frame.type) ||
    !store.started.has(root) ||
    frame.channel !== store.channel ||
    frame.message?.user === store.me
  )
    return;
  store.started.delete(root);
  if (frame.message?.ts !== root) go({ thread: root });
}

function draw() {
  if (!store.loaded) return;
  drawSidebar(byId("sidebar"), go);
  main.update();
  thread.update();
  drawViews();
  const unread = [...store.unread]
    .filter(([key]) => key.startsWith(`${store.me} `))
    .reduce((sum, [, count]) => sum + count, 0);
  const channel = directory.channels.get(store.channel);
  document.title = `${unread ? `(${unread}) ` : ""}${channel ? channelName(channel) : "Playground"} · ${store.team.name ?? "Playground"}`;
}

async function loadSamples() {
  try {
    store.samples = (await get("/human/samples")).samples ?? [];
  } catch {
    store.samples = [];
  }
  changed();
}

function banner(text) {
  byId("banner").hidden = !text;
  byId("banner").textContent = text;
}

/** Drops what may be stale, and reads again what is being looked at without blanking it. */
function forget() {
  for (const key of store.lists.keys()) if (key !== store.channel) store.lists.delete(key);
  for (const key of store.threads.keys()) if (key !== `${store.channel} ${store.thread}`) store.threads.delete(key);
  store.statuses.clear();
  if (store.lists.size) loadChannel(store.channel);
  if (store.threads.size) loadThread(store.channel, store.thread);
}

/** After the line came (back): everything is read again, because frames may have been missed. */
async function refresh() {
  try {
    await loadState();
    forget();
    follow();
    if (!store.samples.length) loadSamples();
    banner("");
    document.body.dataset.ready = "true";
  } catch {
    banner("The playground answers, but its state could not be read. Trying again…");
    setTimeout(refresh, 1000);
  }
}

subscribe(draw);
addEventListener("popstate", () => store.loaded && follow());
addEventListener("keydown", (event) => event.key === "Escape" && toggleSidebar(false));
byId("main").addEventListener("pointerdown", (event) => !event.target.closest(".drawer") && toggleSidebar(false));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());
live({
  onFrame: (frame) => {
    apply(frame);
    openStarted(frame);
  },
  onState: (connected) => {
    store.connected = connected;
    if (connected) refresh();
    else banner("Connection lost. Reconnecting…");
  },
});
