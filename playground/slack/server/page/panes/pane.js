// The middle: a channel, a direct message, or the app with its tabs.

import { Composer } from "../composer/composer.js";
import { avatar } from "../messages/avatar.js";
import { Log } from "../messages/log.js";
import { send } from "../state/api.js";
import { channelName, directory } from "../state/directory.js";
import { channelMessages, statusOf, store } from "../state/store.js";
import { h, icon } from "../ui/dom.js";
import { drawHome } from "./home.js";
import { introNode } from "./intro.js";
import { appChannel, toggleSidebar } from "./sidebar.js";

/** The main pane. `go` changes what is looked at. */
export class MainPane {
  constructor(node, go) {
    this.go = go;
    this.node = node;
    this.head = h("header.pane-head");
    this.log = new Log({ label: "Messages", openThread: (ts) => go({ thread: ts }) });
    this.home = h("div.home", { hidden: true });
    this.prompts = h("div.prompts", { testid: "prompts", hidden: true });
    this.offline = h("div.offline", { role: "status", testid: "offline", hidden: true });
    this.composer = new Composer({
      testid: "composer",
      suffix: "",
      dropZone: node,
      where: () => ({ channel: store.channel, thread: null }),
      onSent: (ts) => {
        store.started.add(ts);
        this.log.toEnd();
      },
    });
    this.talk = h("div.talk", this.log.node, this.prompts, this.offline, this.composer.node);
    node.append(
      this.head,
      this.talk,
      this.home,
      h("div.drop-hint", { "aria-hidden": "true" }, icon("file"), "Drop files to attach them"),
    );
  }

  update() {
    const channel = directory.channels.get(store.channel);
    if (!channel) return;
    const isApp = appChannel()?.id === channel.id;
    const atHome = isApp && store.tab === "home";
    this.drawHead(channel, isApp);
    this.talk.hidden = atHome;
    this.home.hidden = !atHome;
    if (atHome) drawHome(this.home);
    const name = channelName(channel);
    this.composer.show(`${store.me} ${channel.id}`, `Message ${channel.kind === "im" ? name : `#${name}`}`);
    this.drawPrompts(isApp ? store.prompts.get(channel.id) : null);
    this.offline.hidden = store.botOnline || !(channel.members ?? []).includes(directory.bot.user_id);
    this.offline.textContent = `${directory.bot.name} is offline: messages wait until it is back.`;
    const inlineStatus = (message) =>
      message.ts === store.thread || !statusOf(channel.id, message.ts)
        ? ""
        : `${directory.bot.name} ${statusOf(channel.id, message.ts).text}`;
    this.log.update(channelMessages(), { lead: this.introFor(channel, isApp), inlineStatus });
  }

  introFor(channel, isApp) {
    const mark = [channel, store.me, store.samples, directory.users];
    if (!this.introMark?.every((part, index) => part === mark[index])) {
      this.intro = introNode(channel, this.composer, isApp);
      this.introMark = mark;
    }
    return this.intro;
  }

  drawHead(channel, isApp) {
    const mark = [channel.id, store.me, isApp, store.tab, store.botOnline, channel.members?.length].join();
    if (mark === this.headMark) return;
    this.headMark = mark;
    const name = channelName(channel);
    const face =
      channel.kind === "im"
        ? avatar(channel.members?.find((id) => id !== store.me) ?? channel.user, "small")
        : icon(channel.kind === "group" ? "lock" : "hash");
    const tab = (id, label) =>
      h(
        "button.tab",
        {
          role: "tab",
          "aria-selected": String(store.tab === id),
          testid: `tab-${id}`,
          onclick: () => this.go({ tab: id }),
        },
        label,
      );
    this.head.replaceChildren(
      h(
        "div.pane-title",
        h(
          "button.icon-button.drawer",
          { aria: "Channels", testid: "drawer", onclick: () => toggleSidebar() },
          icon("list"),
        ),
        face,
        h("h1", name),
        isApp ? h("span.app-badge", "APP") : null,
        channel.topic?.value ? h("span.topic", channel.topic.value) : null,
      ),
      isApp
        ? h("div.tabs", { role: "tablist" }, tab("messages", "Messages"), tab("home", "Home"))
        : h(
            "div.members",
            { title: "Members" },
            (channel.members ?? []).slice(0, 5).map((id) => avatar(id, "tiny")),
            h("span", String(channel.members?.length ?? "")),
          ),
    );
  }

  drawPrompts(offer) {
    const prompts = offer?.prompts ?? [];
    this.prompts.hidden = !prompts.length;
    if (offer === this.drawnOffer) return;
    this.drawnOffer = offer;
    this.prompts.replaceChildren(
      offer?.title ? h("span.prompts-title", offer.title) : "",
      ...prompts.map((prompt) =>
        h(
          "button.prompt",
          { title: prompt.message, testid: "prompt", onclick: () => this.ask(prompt.message) },
          icon("spark"),
          prompt.title,
        ),
      ),
    );
  }

  async ask(text) {
    const form = new FormData();
    for (const [key, value] of Object.entries({ user: store.me, channel: store.channel, text })) form.set(key, value);
    const answer = await send("/human/post", form);
    if (answer.ts) store.started.add(answer.ts);
  }
}
