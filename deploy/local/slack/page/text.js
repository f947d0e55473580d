// Slack's texts as nodes: plain_text, mrkdwn, rich_text and a little Markdown.

import { h, link } from "/page/dom.js";

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", information_source: "ℹ️",
  hourglass_flowing_sand: "⏳", lock: "🔒", moneybag: "💰", eyes: "👀", tada: "🎉", bell: "🔔",
  red_circle: "🔴", large_green_circle: "🟢", camera: "📷", clock1: "🕐", question: "❓", bulb: "💡",
};
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const decoded = (text) => text.replace(/&(amp|lt|gt);/g, (entity) => ENTITIES[entity]);
const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (all, name) => EMOJI[name] || all);

export class Names {
  constructor(people, channels, groups) {
    this.people = new Map(people.map((person) => [person.id, person]));
    this.groups = new Map(groups.map((group) => [group.id, group]));
    this.channels = new Map(channels.map((channel) => [channel.id, channel]));
  }
  person(id) {
    return this.people.get(id)?.real_name || id;
  }
  group(id) {
    return this.groups.get(id)?.handle || id;
  }
  channel(id) {
    return this.channels.get(id)?.name || id;
  }
}

// A text object: plain_text or mrkdwn.
export function textObject(object, names) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, names);
  return lines(object.emoji === false ? object.text : withEmoji(object.text), (text) => [text]);
}

function lines(text, inline) {
  return text.split("\n").flatMap((line, number) => (number ? [h("br"), ...inline(line)] : inline(line)));
}

export function mrkdwn(text, names) {
  const parts = text.split(/```\n?([\s\S]*?)```/);
  return parts.flatMap((part, number) => {
    if (number % 2) return [h("pre", { class: "code" }, decoded(part))];
    return quotes(part, names);
  });
}

function quotes(text, names) {
  const found = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) found.push(h("blockquote", {}, lines(quoted.join("\n"), (line) => inline(line, names))));
    quoted = [];
  };
  text.split("\n").forEach((line, number, all) => {
    const quote = line.match(/^(?:&gt;|>)\s?(.*)$/);
    if (quote) return quoted.push(quote[1]);
    flush();
    found.push(...inline(line, names));
    if (number < all.length - 1) found.push(h("br"));
    return undefined;
  });
  flush();
  return found;
}

const INLINE = [
  [/`([^`\n]+)`/, (match) => h("code", {}, decoded(match[1]))],
  [/<([^<>\n]+)>/, (match, names) => reference(match[1], names)],
  [/(?<![\w*])\*(?!\s)([^*\n]+?)(?<!\s)\*(?!\w)/, (match, names) => h("strong", {}, inline(match[1], names))],
  [/(?<!\w)_(?!\s)([^_\n]+?)(?<!\s)_(?!\w)/, (match, names) => h("em", {}, inline(match[1], names))],
  [/(?<![\w~])~(?!\s)([^~\n]+?)(?<!\s)~(?!\w)/, (match, names) => h("s", {}, inline(match[1], names))],
];

function inline(text, names) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (!first || match.index < first.match.index)) first = { match, make };
  }
  if (!first) return text ? [withEmoji(decoded(text))] : [];
  const { match, make } = first;
  const before = text.slice(0, match.index);
  const after = text.slice(match.index + match[0].length);
  return [...(before ? [withEmoji(decoded(before))] : []), make(match, names), ...inline(after, names)];
}

function reference(inside, names) {
  const [target, label] = inside.split("|");
  if (target.startsWith("@")) return mention(`@${label || names.person(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label || names.channel(target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return mention(label || `@${names.group(target.split("^")[1])}`);
  if (target.startsWith("!")) return mention(`@${label || target.slice(1)}`);
  return link(decoded(target), decoded(label || target));
}

const mention = (text) => h("span", { class: "mention" }, text);

function date(target, fallback) {
  const [, seconds] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return h("span", {}, fallback || "");
  const shown = when.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return h("time", { datetime: when.toISOString(), title: fallback }, shown);
}

// What a screen reader is told about a message: its text without markup.
export function spoken(text, names) {
  return h("div", {}, mrkdwn(text || "", names)).textContent;
}

// --- rich text -----------------------------------------------------------------------------

export function richText(block, names) {
  return block.elements.map((element) => richPart(element, names));
}

function richPart(part, names) {
  const runs = () => part.elements.map((each) => richRun(each, names));
  switch (part.type) {
    case "rich_text_list":
      return h(part.style === "ordered" ? "ol" : "ul", { class: `list indent-${part.indent || 0}`, start: part.offset ? part.offset + 1 : null },
        part.elements.map((each) => h("li", {}, each.elements.map((run) => richRun(run, names)))));
    case "rich_text_quote":
      return h("blockquote", {}, runs());
    case "rich_text_preformatted":
      return h("pre", { class: "code" }, runs());
    default:
      return h("p", {}, runs());
  }
}

const STYLES = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]];

function richRun(run, names) {
  let node = richContent(run, names);
  for (const [style, tag] of STYLES) if (run.style?.[style]) node = h(tag, {}, node);
  return node;
}

function richContent(run, names) {
  switch (run.type) {
    case "text":
      return h("span", {}, lines(run.text, (text) => [text]));
    case "link":
      return link(run.url, run.text || run.url);
    case "user":
      return mention(`@${names.person(run.user_id)}`);
    case "usergroup":
      return mention(`@${names.group(run.usergroup_id)}`);
    case "channel":
      return mention(`#${names.channel(run.channel_id)}`);
    case "broadcast":
      return mention(`@${run.range}`);
    case "emoji":
      return h("span", {}, EMOJI[run.name] || `:${run.name}:`);
    case "date":
      return date(`!date^${run.timestamp}`, run.fallback);
    default:
      return h("span", {}, String(run.value || ""));
  }
}

// --- a little Markdown ---------------------------------------------------------------------

export function markdown(text) {
  const made = [];
  for (const piece of text.split(/\n{2,}/)) {
    const heading = piece.match(/^(#{1,6})\s+(.*)$/s);
    const items = piece.split("\n");
    if (heading) made.push(h("h3", {}, markdownRuns(heading[2])));
    else if (items.every((line) => /^[-*]\s/.test(line))) made.push(h("ul", { class: "list" }, items.map((line) => h("li", {}, markdownRuns(line.slice(2))))));
    else made.push(h("p", {}, lines(piece, markdownRuns)));
  }
  return made;
}

function markdownRuns(text) {
  const match = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)\s]+)\)/.exec(text);
  if (!match) return text ? [text] : [];
  const [all, code, strong, em, label, url] = match;
  const node = code ? h("code", {}, code) : strong ? h("strong", {}, strong) : em ? h("em", {}, em) : link(url, label);
  return [text.slice(0, match.index), node, ...markdownRuns(text.slice(match.index + all.length))];
}
