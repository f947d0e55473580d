// The list of messages, threads beside it.

import { blocks } from "/page/blocks.js";
import { clock, day, fullTime, h } from "/page/dom.js";
import { mrkdwn } from "/page/text.js";

export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

// All messages of a channel with a line for each day. `page` is what main.js offers.
export function messageList(messages, page) {
  const shown = messages.filter((message) => !isReply(message) || message.broadcast || message.only_for);
  if (!shown.length) return [empty(page)];
  let before = "";
  return shown.flatMap((message) => {
    const today = day(message.ts);
    const line = today !== before ? [h("p", { class: "day" }, h("span", {}, today))] : [];
    before = today;
    const replies = messages.filter((each) => each.thread_ts === message.ts && each.ts !== message.ts);
    return [...line, kept(message, page, replies)];
  });
}

// Messages that did not change keep their nodes, and with them what is half filled in.
let drawn = new Map();

export function forget() {
  drawn = new Map();
}

function kept(message, page, replies) {
  const key = `${message.channel} ${message.ts}`;
  const look = JSON.stringify([message, replies.length, page.state.app.shortcuts]);
  if (drawn.get(key)?.look !== look) drawn.set(key, { look, node: messageNode(message, page, replies) });
  return drawn.get(key).node;
}

function empty(page) {
  const command = page.state.app.commands[0];
  return h("div", { class: "empty" },
    h("p", { class: "empty-title" }, "Nothing has been said here yet."),
    command && h("p", {}, "Type ", h("kbd", {}, `${command.name} help`), " below to begin."));
}

export function messageNode(message, page, replies = [], inThread = false) {
  const person = page.names.people.get(message.user) || { real_name: message.user };
  const shortcuts = page.state.app.shortcuts.filter((each) => each.kind === "message");
  return h("article", { class: `message ${message.only_for ? "ephemeral" : ""}`, "aria-label": `${person.real_name}, ${clock(message.ts)}`, "data-ts": message.ts, "data-testid": "message", tabindex: "-1" },
    avatar(person),
    h("div", { class: "message-body" },
      message.only_for && h("p", { class: "only-you" }, h("span", { "aria-hidden": "true" }, "◉ "), "Only visible to you"),
      h("p", { class: "byline" },
        h("span", { class: "author" }, person.real_name),
        (person.is_bot || person.is_slack) && h("span", { class: "badge" }, "APP"),
        person.is_external && h("span", { class: "badge" }, person.team),
        h("time", { datetime: new Date(message.ts * 1000).toISOString(), title: fullTime(message.ts) }, clock(message.ts))),
      content(message, page),
      message.edited && h("p", { class: "edited", title: fullTime(message.edited.ts) }, "(edited)"),
      (message.files || []).map((file) => fileNode(file, page)),
      !inThread && replies.length > 0 && h("button", { type: "button", class: "replies", onclick: () => page.openThread(message.ts) }, `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`)),
    h("div", { class: "message-tools" },
      !inThread && !message.only_for && h("button", { type: "button", class: "quiet", onclick: () => page.openThread(message.ts) }, "Reply in thread"),
      shortcuts.map((each) => h("button", { type: "button", class: "quiet", onclick: () => page.act({ do: "shortcut", callback_id: each.callback_id, channel: message.channel, ts: message.ts }) }, each.name))));
}

function content(message, page) {
  if (!message.blocks?.length) return h("div", { class: "text" }, mrkdwn(message.text || "", page.names));
  return h("div", { class: "blocks" }, blocks(message.blocks, contextOf(message, page)));
}

function contextOf(message, page) {
  const readers = new Map();
  const filled = () => Object.fromEntries([...readers].map(([id, read]) => [id, read()]));
  return {
    surface: "message", names: page.names, readers, values: null, confirm: page.confirm,
    act: (of, chosen) => page.act({ do: "press", channel: message.channel, ts: message.ts, action: of.action_id, chosen, filled: filled() }),
  };
}

function avatar(person) {
  const initials = person.is_bot && !person.is_slack ? "vm" : person.real_name.split(" ").map((word) => word[0]).join("").slice(0, 2);
  const hue = [...(person.id || "")].reduce((sum, char) => (sum * 7 + char.charCodeAt(0)) % 6, 0);
  return h("span", { class: `avatar ${person.is_bot && !person.is_slack ? "app" : `hue-${hue}`}`, "aria-hidden": "true" }, initials);
}

function fileNode(file, page) {
  const size = file.size < 1024 ? `${file.size} bytes` : `${Math.round(file.size / 1024)} KB`;
  return h("button", { type: "button", class: "file", onclick: () => page.download(file) },
    h("span", { "aria-hidden": "true" }, "▤"), h("span", {}, h("strong", {}, file.title || file.name), h("small", {}, `${file.name}, ${size}. Download`)));
}
