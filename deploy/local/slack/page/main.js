// The page: who I am, where I am, and what comes in.

import { azureShown, drawAzure } from "/page/azure.js";
import { blocks } from "/page/blocks.js";
import { composer } from "/page/composer.js";
import { byId, h } from "/page/dom.js";
import { offerNodes, offers } from "/page/first_steps.js";
import { forget, messageList, messageNode } from "/page/messages.js";
import { confirm, showModals } from "/page/modal.js";
import * as talk from "/page/talk.js";
import { Names, spoken } from "/page/text.js";
import { drawTour, startTour, tourAnew } from "/page/tour.js";

const FIRST = "U01ADA";
const HOME = "home";
const OPS = "C01OPS";
const remembered = (name) => sessionStorage.getItem(name);
let me = remembered("me") || FIRST;
let room = remembered("room") || OPS;
let thread = null;
let line = null;
const unread = new Set();

const page = {
  state: null,
  names: null,
  async act(deed, isQuiet = false) {
    const answer = await talk.act(me, deed);
    if (!answer.ok && !isQuiet) status(answer.problem);
    return answer;
  },
  confirm: (of) => confirm(of, page.names),
  openThread(ts) {
    thread = ts;
    drawThread();
    byId("thread-text").focus();
  },
  download: (file) => talk.download(me, file),
};

let fading = null;
function status(text) {
  const place = byId("status");
  const list = byId("messages");
  const wasAtEnd = isAtEnd(list);
  place.textContent = text;
  place.classList.toggle("shown", Boolean(text));
  if (wasAtEnd) list.scrollTop = list.scrollHeight; // it takes room, and covers nothing
  clearTimeout(fading);
  fading = setTimeout(() => place.classList.remove("shown"), 8000);
}

const isAtEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 120;

// --- drawing -------------------------------------------------------------------------------

function drawSide() {
  const { state } = page;
  byId("team").textContent = state.team;
  const named = state.channels.filter((each) => each.kind !== "im");
  byId("channels").replaceChildren(...named.map((each) => place(each.id, each.kind === "private" ? "◆" : "#", each.name, `channel-${each.name}`)));
  const direct = state.channels.filter((each) => each.kind === "im");
  byId("directs").replaceChildren(...direct.map((each) => place(each.id, "•", page.names.person(each.with), `direct-${each.with}`)));
  byId("directs-title").hidden = !direct.length;
  byId("apps").replaceChildren(...(state.app.has_home ? [place(HOME, "⌂", `${state.app.name} home`, "home-tab")] : []));
  byId("apps-title").hidden = !state.app.has_home;
  const count = state.app.connections;
  const isOn = state.app.transport === "HTTP" || count > 0;
  byId("transport").replaceChildren(h("span", { class: `dot ${isOn ? "on" : "off"}`, "aria-hidden": "true" }),
    state.app.transport === "HTTP" ? `${state.app.name} is reached over HTTP` : count ? `${state.app.name} is connected (${count})` : `${state.app.name} is not connected`);
}

function place(id, sign, name, testId) {
  const isHere = id === room;
  return h("li", {}, h("button", { type: "button", class: `place ${unread.has(id) ? "unread" : ""}`, "aria-current": isHere ? "page" : null, "data-testid": testId, onclick: () => go(id) },
    h("span", { class: "sign", "aria-hidden": "true" }, sign), h("span", { class: "place-name" }, name), unread.has(id) && h("span", { class: "hidden" }, "has new messages"), unread.has(id) && h("span", { class: "dot on", "aria-hidden": "true" })));
}

function drawWho() {
  const people = page.state.people.filter((person) => person.may_act);
  const who = byId("who");
  who.replaceChildren(...people.map((person) => h("option", { value: person.id }, person.real_name)));
  who.value = me;
  const myself = page.names.people.get(me);
  byId("who-title").textContent = myself.title;
}

const channel = () => page.state.channels.find((each) => each.id === room);
const messagesHere = () => page.state.messages[room] || [];

// Somebody else may not be where the one before was.
function findRoom() {
  const isThere = room === HOME ? page.state.app.has_home : channel();
  if (!isThere) room = page.state.channels[0]?.id || HOME;
}

function drawRoom() {
  const here = channel();
  byId("composer-place").hidden = room === HOME;
  byId("room-name").textContent = here ? (here.kind === "im" ? page.names.person(here.with) : `# ${here.name}`) : `${page.state.app.name} home`;
  byId("room-topic").textContent = here ? topic(here) : page.state.app.description;
  document.title = `${byId("room-name").textContent} – ${page.state.team}`;
  if (here) drawComposer(here);
  const shortcuts = page.state.app.shortcuts.filter((each) => each.kind === "global");
  byId("room-tools").replaceChildren(...shortcuts.map((each) => h("button", { type: "button", class: "button usual", "data-testid": `shortcut-${each.callback_id}`, onclick: () => page.act({ do: "shortcut", callback_id: each.callback_id }) }, each.name)));
  drawMessages();
}

function topic(here) {
  const parts = [here.topic, here.is_ext_shared && "Shared with another organisation", here.kind !== "im" && !here.has_bot && `${page.state.app.name} is not in this channel`];
  return [...new Set(parts.filter(Boolean))].join(". ");
}

function drawComposer(here) {
  if (here.kind === "im" && page.state.app.is_messages_tab_read_only) {
    byId("composer-place").replaceChildren(h("p", { class: "read-only", id: "composer-text", tabindex: "-1", "data-testid": "read-only" }, `${page.state.app.name} does not read what is sent here. Type its commands in a channel.`));
    return;
  }
  const label = here.kind === "im" ? `Message ${page.names.person(here.with)}` : `Message #${here.name}`;
  byId("composer-place").replaceChildren(composer({
    id: "composer-text", label, commands: page.state.app.commands, appName: page.state.app.name, status, vms: () => azureShown()?.vms || [],
    send: (text) => type(text),
  }));
}

const type = (text, where = room) => talk.act(me, { do: "type", channel: where, text }).then(commandSaid);

// What Slack says about a command that failed stands in the channel already.
const commandSaid = (answer) => (answer.ok || !answer.problem.startsWith("/") ? answer : { ok: true });

function drawMessages(newest = null, isMine = false) {
  const list = byId("messages");
  const wasAtEnd = isMine || isAtEnd(list);
  const focus = focusWithin(list);
  if (room === HOME) list.replaceChildren(homeNode());
  else list.replaceChildren(...messageList(messagesHere(), page));
  restoreFocus(list, focus);
  drawOffers();
  if (newest && wasAtEnd) scrollTo(list, newest);
  else if (!newest) list.scrollTop = list.scrollHeight;
}

let offered = "";
function drawOffers() {
  const here = channel();
  const mayType = here?.has_bot && here.kind !== "im";
  const list = mayType ? offers(page, me, messagesHere()) : [];
  if (offered === JSON.stringify(list)) return;
  offered = JSON.stringify(list);
  byId("offers").replaceChildren(...offerNodes(list, { type: typeAndTell, look: lookAt }));
}

async function typeAndTell(text) {
  byId("composer-text").focus();
  const answer = await type(text);
  if (!answer.ok) status(answer.problem);
}

function lookAt(ts) {
  const node = byId("messages").querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  node?.scrollIntoView({ block: "start" });
  (node?.querySelector(".actions button") || node)?.focus();
}

// A message that changes under one's hands keeps the focus on the same button.
function focusWithin(list) {
  const node = document.activeElement;
  if (!list.contains(node) || node === list) return null;
  return { node, ts: node.closest("[data-ts]")?.dataset.ts, action: node.dataset.actionId };
}

function restoreFocus(list, focus) {
  if (!focus) return;
  if (list.contains(focus.node)) return void focus.node.focus();
  const message = focus.ts && list.querySelector(`[data-ts="${CSS.escape(focus.ts)}"]`);
  const same = focus.action && message?.querySelector(`[data-action-id="${CSS.escape(focus.action)}"]`);
  (same || message || list).focus();
}

// The beginning of a long message is shown, not its end.
function scrollTo(list, ts) {
  const node = list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  if (node && node.offsetHeight > list.clientHeight) node.scrollIntoView({ block: "start" });
  else list.scrollTop = list.scrollHeight;
}

function homeNode() {
  const view = page.state.home;
  if (!view) return h("div", { class: "empty" }, h("p", { class: "empty-title" }, "The app has not published its home for you yet."));
  const readers = new Map();
  const filled = () => Object.fromEntries([...readers].map(([id, read]) => [id, read()]));
  const context = { surface: "home", names: page.names, readers, values: view.state.values, confirm: page.confirm, act: (of, chosen) => page.act({ do: "press", view: view.id, action: of.action_id, chosen, filled: filled() }) };
  return h("div", { class: "home", "data-testid": "home" }, blocks(view.blocks, context));
}

function drawThread() {
  const aside = byId("thread");
  const all = messagesHere();
  const parent = thread && all.find((message) => message.ts === thread);
  aside.hidden = !parent;
  if (!parent) return;
  const before = keptOfThread(aside);
  const replies = all.filter((message) => message.thread_ts === thread && message.ts !== thread);
  aside.replaceChildren(
    h("header", {}, h("h2", {}, "Thread"), h("button", { type: "button", class: "quiet", "aria-label": "Close the thread", onclick: closeThread }, "✕")),
    h("div", { class: "messages" }, [parent, ...replies].map((message) => messageNode(message, page, [], true))),
    composer({ id: "thread-text", label: "Reply", commands: [], appName: page.state.app.name, status, send: (text) => talk.act(me, { do: "type", channel: room, text, thread_ts: thread }) }));
  const list = aside.querySelector(".messages");
  byId("thread-text").value = before.typed;
  if (before.hasFocus) byId("thread-text").focus();
  list.scrollTop = before.isAtEnd ? list.scrollHeight : before.scroll;
}

// What somebody was reading and writing there, while something new comes in.
function keptOfThread(aside) {
  const list = aside.querySelector(".messages");
  const isOther = !list || aside.dataset.thread !== thread;
  aside.dataset.thread = thread;
  return {
    typed: isOther ? "" : byId("thread-text").value, hasFocus: document.activeElement === byId("thread-text"), scroll: isOther ? 0 : list.scrollTop,
    isAtEnd: isOther || isAtEnd(list),
  };
}

function closeThread() {
  const ts = thread;
  thread = null;
  drawThread();
  byId("messages").querySelector(`[data-ts="${CSS.escape(ts)}"]`)?.focus();
}

function drawAll() {
  findRoom();
  drawSide();
  drawWho();
  drawRoom();
  drawThread();
  showModals(page.state.modals, page);
}

// --- going and being -----------------------------------------------------------------------

function go(id) {
  room = id;
  thread = null;
  sessionStorage.setItem("room", id);
  unread.delete(id);
  setMenu(false);
  drawSide();
  drawRoom();
  drawThread();
  if (id === HOME) page.act({ do: "open-home" });
  else byId("composer-text").focus();
}

let became = null; // resolved when everything is drawn as that person sees it
function become(id, isQuiet = false) {
  me = id;
  sessionStorage.setItem("me", id);
  unread.clear();
  thread = null;
  status(`You are ${page.names.person(me)} now.`);
  begin(isQuiet);
}

function becomeAndWait(id) {
  if (page.state.me === id) return undefined;
  return new Promise((resolve) => {
    became = resolve;
    become(id, true);
  });
}

function setMenu(isOpen) {
  byId("frame").classList.toggle("menu-open", isOpen);
  byId("menu").setAttribute("aria-expanded", String(isOpen));
}

// --- what comes in -------------------------------------------------------------------------

function changed(change) {
  const handler = HANDLERS[change.what];
  if (handler) handler(change);
  drawTour();
}

const HANDLERS = {
  // The first line of every connection: everything there is.
  state({ state }) {
    const isFirst = !page.state || page.state.me !== state.me;
    page.state = state;
    if (!page.names) watchBeside();
    page.names = new Names(state.people, state.channels, state.groups);
    forget();
    drawAll();
    if (isFirst && !isQuietly && !state.modals.length) byId("composer-text")?.focus();
    isQuietly = false;
    became?.();
    became = null;
  },
  message({ message }) {
    const list = (page.state.messages[message.channel] ||= []);
    const at = list.findIndex((each) => each.ts === message.ts);
    if (at >= 0) list[at] = message;
    else list.push(message);
    if (message.channel !== room && at < 0) unread.add(message.channel);
    if (message.user !== me) speak(message);
    drawSide();
    const isMine = at < 0 && [message.user, message.only_for].includes(me);
    if (message.channel === room) drawMessages(message.ts, isMine);
    drawThread();
  },
  removed({ message }) {
    const list = page.state.messages[message.channel] || [];
    page.state.messages[message.channel] = list.filter((each) => each.ts !== message.ts);
    if (message.channel === room) drawMessages(message.ts);
    drawThread();
  },
  modals({ modals }) {
    page.state.modals = modals;
    showModals(modals, page);
  },
  home({ home }) {
    page.state.home = home;
    if (room === HOME) drawMessages("home");
  },
  app({ app }) {
    page.state.app = app;
    drawSide();
  },
  channels({ channels }) {
    page.state.channels = channels;
    page.names = new Names(page.state.people, channels, page.state.groups);
    findRoom();
    drawSide();
    drawRoom();
  },
};

function speak(message) {
  const who = page.names.person(message.user);
  const note = message.only_for ? " (only visible to you)" : "";
  byId("spoken").replaceChildren(h("p", {}, `${who}${note}: ${spoken(message.text, page.names)}`));
}

let isQuietly = false; // the focus stays where it is
async function begin(isQuiet = false) {
  isQuietly = isQuiet;
  line?.abort();
  const mine = (line = new AbortController());
  for (;;) {
    try {
      await talk.changes(me, mine.signal, changed);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (error instanceof talk.Refused) return void refuse(error.message);
    }
    if (mine.signal.aborted) return;
    status("The stand-in does not answer. Trying again …");
    await new Promise((wait) => setTimeout(wait, 1000));
  }
}

function refuse(text) {
  byId("messages").replaceChildren(h("div", { class: "empty", role: "alert" }, h("p", { class: "empty-title" }, text)));
}

// --- Azure beside it -----------------------------------------------------------------------

const panel = {
  status,
  async act(deed) {
    const answer = await talk.actBeside(me, deed);
    if (!answer.ok) status(answer.problem);
    return answer;
  },
  advise(vm) {
    show("slack");
    if (!channel()?.has_bot) go(OPS);
    const isAlone = azureShown().vms.filter((each) => each.name === vm.name).length === 1;
    typeAndTell(`/vmbackup advise ${isAlone ? vm.name : `${vm.group}/${vm.name}`}`);
  },
  async reset() {
    if (!(await panel.act({ do: "reset" })).ok) return;
    become(FIRST);
    go(OPS);
    tourAnew();
    status("Everything starts anew: the bot, its database, Azure and Slack.");
  },
};

function show(tab) {
  byId("frame").classList.toggle("on-azure", tab === "azure");
  for (const each of ["slack", "azure"]) byId(`tab-${each}`).setAttribute("aria-pressed", String(each === tab));
}

// Where nothing is shown beside Slack, the stand-in says so, and that is that.
async function watchBeside() {
  const forever = new AbortController().signal;
  for (;;) {
    try {
      await talk.changesBeside(me, forever, beside);
    } catch (error) {
      if (error instanceof talk.Refused) return;
    }
    await new Promise((wait) => setTimeout(wait, 1000));
  }
}

function beside(view) {
  if (!azureShown()) {
    byId("frame").classList.add("has-azure");
    startTour({
      bot: page.state.app.bot,
      messages: () => page.state.messages[OPS] || [],
      newest: () => (page.state.messages[OPS] || []).at(-1)?.ts || "0",
      be: becomeAndWait,
      type: async (text) => {
        show("slack");
        if (room !== OPS) go(OPS);
        const answer = await type(text, OPS);
        if (!answer.ok) status(answer.problem);
      },
      press: (message, action) => page.act({ do: "press", channel: OPS, ts: message.ts, action, chosen: null, filled: {} }),
      stage: panel.act,
      status,
    });
  }
  drawAzure(view, panel);
  drawTour();
}

setInterval(() => azureShown() && drawAzure(azureShown(), panel), 5000); // the clock goes on by itself
byId("tab-slack").addEventListener("click", () => show("slack"));
byId("tab-azure").addEventListener("click", () => show("azure"));
byId("who").addEventListener("change", (event) => become(event.target.value));
byId("menu").addEventListener("click", () => setMenu(!byId("frame").classList.contains("menu-open")));
byId("thread").addEventListener("keydown", (event) => event.key === "Escape" && closeThread());
byId("side").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  setMenu(false);
  byId("menu").focus();
});
begin();
