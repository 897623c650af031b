// Who and what the ids in messages mean, and how the person who looks likes dates written.

/** Filled by the store from /human/state. */
export const directory = { users: new Map(), channels: new Map(), bot: {}, me: null };

export function person(id) {
  return directory.users.get(id) ?? null;
}

export function displayName(user) {
  if (!user) return "somebody";
  return user.profile?.display_name || user.real_name || user.name || user.id;
}

export function nameOf(id) {
  return id === directory.bot.user_id ? directory.bot.name : displayName(person(id) ?? { name: id });
}

/** The name of a channel as the current person sees it: an IM has the name of the other. */
export function channelName(channel) {
  if (!channel) return "unknown";
  if (channel.kind !== "im") return channel.name ?? channel.id;
  return nameOf((channel.members ?? []).find((id) => id !== directory.me) ?? channel.user);
}

function format(options) {
  const me = person(directory.me);
  return new Intl.DateTimeFormat(me?.locale ?? "en-US", { timeZone: me?.tz, ...options });
}

function dateOf(ts) {
  return new Date(Number(ts) * 1000);
}

export function clock(ts) {
  return format({ hour: "numeric", minute: "2-digit" }).format(dateOf(ts));
}

export function dayKey(ts) {
  const me = person(directory.me);
  return new Intl.DateTimeFormat("en-CA", { timeZone: me?.tz }).format(dateOf(ts));
}

/** "today" or "yesterday" in the zone and language of the person who looks; "" for any other day. */
function nearDay(ts) {
  const now = Date.now() / 1000;
  const days = [0, 1].find((ago) => dayKey(ts) === dayKey(now - ago * 86400));
  return days === undefined
    ? ""
    : new Intl.RelativeTimeFormat(person(directory.me)?.locale ?? "en-US", { numeric: "auto" }).format(-days, "day");
}

/** "Today", "Yesterday" or a date, in the zone of the person who looks. */
export function dayLabel(ts) {
  const near = nearDay(ts);
  return near
    ? near[0].toUpperCase() + near.slice(1)
    : format({ weekday: "long", month: "long", day: "numeric" }).format(dateOf(ts));
}

export function fullTime(ts) {
  return format({ dateStyle: "full", timeStyle: "medium" }).format(dateOf(ts));
}

const DATE_TOKENS = {
  date: { dateStyle: "long" },
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_short: { dateStyle: "medium" },
  date_long: { dateStyle: "full" },
  date_pretty: { dateStyle: "long" },
  date_short_pretty: { dateStyle: "medium" },
  date_long_pretty: { dateStyle: "full" },
  day_divider_pretty: { weekday: "long", month: "long", day: "numeric" },
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { timeStyle: "medium" },
};

/** Text of <!date^seconds^format|…>; source: https://docs.slack.dev/messaging/formatting-message-text/#date-formatting */
export function dateText(seconds, pattern) {
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => {
    if (token === "ago") return dayLabel(seconds);
    if (token.endsWith("_pretty") && nearDay(seconds)) return nearDay(seconds);
    return DATE_TOKENS[token] ? format(DATE_TOKENS[token]).format(dateOf(seconds)) : whole;
  });
}
