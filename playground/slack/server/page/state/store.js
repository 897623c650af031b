// What the page knows: people, channels, messages, and the frames that change them. Drawing is elsewhere.

import { get } from "./api.js";
import { directory } from "./directory.js";

const threadKey = (channel, ts) => `${channel} ${ts}`;

export const store = {
  team: {},
  answers: "",
  loaded: false,
  connected: false,
  botOnline: false,
  commands: [],
  shortcuts: [],
  samples: [],
  me: null,
  channel: null,
  thread: null,
  tab: "messages",
  lists: new Map(), // channel → Map(ts → message), top level
  threads: new Map(), // "channel ts" → Map(ts → message), root included
  statuses: new Map(),
  titles: new Map(),
  prompts: new Map(),
  unread: new Map(),
  homes: new Map(),
  ephemerals: [],
  views: [],
  started: new Set(),
};

const listeners = new Set();
let waiting = false;

/** Calls `draw` soon after each change; many changes in one go are drawn once. */
export function subscribe(draw) {
  listeners.add(draw);
}

export function changed() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const draw of listeners) draw();
  });
}

const loading = new Map(); // key → frames that came while its snapshot was under way

function takeStatuses({ statuses = [], status, title }, { channel, ts }) {
  for (const entry of [...statuses, ...(status ? [status] : [])]) setStatus(entry);
  if (title) store.titles.set(threadKey(channel, ts), title);
}

async function snapshot(key, target, path, query) {
  if (loading.has(key)) return;
  loading.set(key, []);
  try {
    const answer = await get(path, query);
    target.set(key, new Map(answer.messages.map((message) => [message.ts, message])));
    takeStatuses(answer, query);
  } finally {
    const late = loading.get(key);
    loading.delete(key);
    for (const frame of late) apply(frame);
    changed();
  }
}

export function loadChannel(channel) {
  return snapshot(channel, store.lists, "/human/messages", { channel });
}

export function loadThread(channel, ts) {
  return snapshot(threadKey(channel, ts), store.threads, "/human/thread", { channel, ts });
}

export async function loadState() {
  const state = await get("/human/state");
  store.team = state.team ?? {};
  store.answers = state.answers ?? "";
  store.commands = state.commands ?? [
    { command: "/analyst", description: "Help and status", usage_hint: "help | files | forget" },
  ];
  store.shortcuts = state.shortcuts ?? [{ name: "Analyse this", callback_id: "analyze_message" }];
  directory.bot = state.bot ?? {};
  directory.users = new Map((state.users ?? []).map((user) => [user.id, user]));
  directory.channels = new Map((state.channels ?? []).map((channel) => [channel.id, channel]));
  for (const channel of state.channels ?? []) if (channel.prompts) store.prompts.set(channel.id, channel.prompts);
  for (const [user, view] of Object.entries(state.homes ?? {})) store.homes.set(user, view);
  store.botOnline = Boolean(state.bot_connected);
  store.loaded = true;
  changed();
}

/** Top-level messages of the open channel with this person's ephemeral ones, oldest first. */
export function channelMessages() {
  return merged(store.lists.get(store.channel), (note) => note.channel === store.channel && !note.thread);
}

export function threadMessages() {
  return merged(
    store.threads.get(threadKey(store.channel, store.thread)),
    (note) => note.channel === store.channel && note.thread === store.thread,
  );
}

function merged(known, belongs) {
  const notes = store.ephemerals
    .filter((note) => (!note.user || note.user === store.me) && belongs(note))
    .map((note) => note.message);
  return [...(known?.values() ?? []), ...notes].sort((left, right) => (left.ts < right.ts ? -1 : 1));
}

export function statusOf(channel, thread) {
  return store.statuses.get(threadKey(channel, thread)) ?? null;
}

export function titleOf(channel, thread) {
  return store.titles.get(threadKey(channel, thread)) ?? "";
}

/** True while the bot works in the thread: its status is set or a message of it is still streaming. */
export function working(channel, thread) {
  if (statusOf(channel, thread)) return true;
  return [...(store.threads.get(threadKey(channel, thread))?.values() ?? [])].some(
    (message) => message.streaming_state === "in_progress",
  );
}

export function dismissEphemeral(ts) {
  store.ephemerals = store.ephemerals.filter((note) => note.message.ts !== ts);
  changed();
}

function put(key, target, message) {
  target.get(key)?.set(message.ts, message);
}

function countReply(channel, reply) {
  const list = store.lists.get(channel);
  const root = list?.get(reply.thread_ts);
  if (!root || (root.latest_reply ?? "") >= reply.ts) return;
  const replyUsers = [...new Set([...(root.reply_users ?? []), reply.user])];
  list.set(root.ts, {
    ...root,
    thread_ts: root.ts,
    reply_count: (root.reply_count ?? 0) + 1,
    latest_reply: reply.ts,
    reply_users: replyUsers,
  });
}

function noteUnread(channel, message) {
  if (message.user === store.me || channel === store.channel) return;
  const key = threadKey(store.me, channel);
  store.unread.set(key, (store.unread.get(key) ?? 0) + 1);
}

function upsert(channel, message, isNew) {
  const isReply = message.thread_ts && message.thread_ts !== message.ts;
  if (isReply) put(threadKey(channel, message.thread_ts), store.threads, message);
  else put(threadKey(channel, message.ts), store.threads, message);
  if (!isReply || message.subtype === "thread_broadcast") put(channel, store.lists, message);
  if (isReply && isNew) countReply(channel, message);
  if (isNew) noteUnread(channel, message);
}

function remove(channel, ts) {
  store.lists.get(channel)?.delete(ts);
  for (const [key, messages] of store.threads) if (key.startsWith(`${channel} `)) messages.delete(ts);
  store.ephemerals = store.ephemerals.filter((note) => note.message.ts !== ts);
}

function setStatus({ channel, thread_ts: thread, status, loading_messages: steps = [], session = "" }) {
  const text = status || (session === "processing" ? "is working…" : "");
  const key = threadKey(channel, thread);
  if (text) store.statuses.set(key, { text, steps });
  else store.statuses.delete(key);
}

function setView(view, user) {
  if (user && user !== store.me) return;
  const at = store.views.findIndex((known) => known.id === view.id);
  if (at >= 0) store.views = store.views.with(at, view);
  else store.views = [...store.views, view];
}

export function dropView(id) {
  store.views = id ? store.views.filter((view) => view.id !== id) : [];
  changed();
}

const FRAMES = {
  message: ({ channel, message }) => upsert(channel, message, true),
  message_changed: ({ channel, message }) => upsert(channel, message, false),
  message_deleted: ({ channel, ts }) => remove(channel, ts),
  status: setStatus,
  view_opened: ({ view, user }) => setView(view, user),
  view_updated: ({ view, user, errors }) => {
    if (view.type === "home") store.homes.set(user, view);
    else if (!errors) setView(view, user); // errors come with the answer to the submission as well
  },
  view_closed: ({ view }) => dropView(view.id),
  home: ({ user, view }) => store.homes.set(user, view),
  ephemeral: ({ channel, user, message, thread_ts: thread }) => {
    const others = store.ephemerals.filter((note) => note.message.ts !== message.ts || note.channel !== channel);
    store.ephemerals = [
      ...others,
      { channel, user, message: { ...message, is_ephemeral: true }, thread: thread ?? message.thread_ts },
    ];
  },
  prompts: ({ channel, prompts, title }) => store.prompts.set(channel, { title, prompts }),
  title: ({ channel, thread_ts: thread, title }) => store.titles.set(threadKey(channel, thread), title),
  reaction: ({ channel, message }) => upsert(channel, message, false),
  channel: () => loadState(),
  presence: ({ bot_connected: connected }) => {
    store.botOnline = Boolean(connected);
  },
};

/** Takes one frame of /human/live in. Frames for a list that is being loaded are applied after its snapshot too. */
export function apply(frame) {
  for (const [key, late] of loading) if (key.split(" ")[0] === frame.channel) late.push(frame);
  if (Object.hasOwn(FRAMES, frame.type)) FRAMES[frame.type](frame);
  changed();
}
