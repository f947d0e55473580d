// The tour: two minutes in five steps, each of which does the real thing. It can be left at any time.

import { azureShown } from "/page/azure.js";
import { byId, h } from "/page/dom.js";

const VM = "web-01";
const ADA = "U01ADA";
const GRACE = "U02GRACE";
const DAY_SECONDS = 24 * 3600 + 600;

const ofBot = (tools) => tools.messages().filter((each) => each.user === tools.bot && each.ts > tools.since);
const heading = (message) => message.blocks?.find((block) => block.type === "header")?.text.text || "";
const buttons = (message) => (message.blocks || []).filter((block) => block.type === "actions").flatMap((block) => block.elements);
const button = (message, name) => buttons(message).find((each) => each.text?.text?.startsWith(name));
const card = (tools) => tools.messages().findLast((each) => each.user === tools.bot && heading(each).includes(`Snapshot of ${VM}`));
const snapshots = () => (azureShown()?.snapshots || []).filter((each) => each.vm === VM);

// `does` is what the button does; `isDone` looks at what has come of it.
const STEPS = [
  {
    title: "What protects this VM?",
    about: `${VM} serves a shop. You are Ada, an engineer, and you do not know what would bring it back.`,
    offer: "Ask vmbackup",
    does: async (tools) => { await tools.be(ADA); await tools.type(`/vmbackup advise ${VM}`); },
    isDone: (tools) => ofBot(tools).some((each) => heading(each).includes(`${VM} is`)),
    done: "The first line says how it stands, the next what to do and what that costs a month.",
  },
  {
    title: "What would it cost?",
    about: "The same VM, if a whole region may be lost: the plan changes, and its price with it.",
    offer: "Ask for the price of that",
    does: async (tools) => { await tools.be(ADA); await tools.type(`/vmbackup advise ${VM} --survive region`); },
    isDone: (tools) => ofBot(tools).some((each) => heading(each).includes(`${VM} is`)),
    done: "Each option stands in its row: what it saves the VM from, how fast, and what it costs.",
  },
  {
    title: "A snapshot before a patch",
    about: "Something quick before tonight's kernel update, kept for a day.",
    offer: "Ask for a snapshot",
    does: async (tools) => { await tools.be(ADA); await tools.type(`/vmbackup snapshot ${VM} before kernel update --keep 1d`); },
    isDone: (tools) => ofBot(tools).some((each) => button(each, "Approve")),
    done: "Nothing is made yet: the card says what it would be, what it costs, and who may approve.",
  },
  {
    title: "Approve your own request",
    about: "Try it: you are still Ada, who asked.",
    offer: "Press Approve as Ada",
    does: async (tools) => { await tools.be(ADA); await pressApprove(tools); },
    isDone: (tools) => ofBot(tools).some((each) => each.only_for === ADA),
    done: "Refused: another person decides. Grace may.",
    then: {
      title: "Another person approves",
      offer: "Approve as Grace",
      does: async (tools) => { await tools.be(GRACE); await pressApprove(tools); },
      isDone: (tools) => snapshots().length > 0 && snapshots().every((each) => each.state === "ready"),
      done: "Taken. Look at Azure (played): the snapshots are there, with the time at which they go.",
    },
  },
  {
    title: "Watch it expire tomorrow",
    about: "Nobody has to remember it. Move the clock of Azure, Slack and vmbackup to tomorrow.",
    offer: "Go to tomorrow",
    does: (tools) => tools.stage({ do: "forward", seconds: DAY_SECONDS }),
    isDone: () => Boolean(azureShown()) && !snapshots().length,
    done: "Gone from Azure, and the card says so. Everything was written into an audit that cannot be changed unseen.",
  },
];

async function pressApprove(tools) {
  const found = card(tools);
  const approve = found && button(found, "Approve");
  if (!approve) return tools.status("The card has no button to approve any more. Skip this step, or start all anew.");
  return tools.press(found, approve.action_id);
}

const keep = (name, value) => sessionStorage.setItem(`tour-${name}`, value);
const kept = (name) => sessionStorage.getItem(`tour-${name}`) || "";

// Where one is: "" before it, a number of STEPS with "a" or "b" for its parts, or "over".
let at = kept("at");
let isDoing = false;
let tools = null;
let look = "";

export function startTour(given) {
  tools = { ...given, get since() { return kept("since"); } };
  byId("tour").addEventListener("keydown", (event) => event.key === "Escape" && leave());
  drawTour();
}

export function tourAnew() {
  sessionStorage.removeItem("tour-at");
  at = "";
  isDoing = false;
  drawTour();
}

function leave() {
  go("over");
  byId("composer-text")?.focus();
}

function go(where) {
  at = where;
  keep("at", where);
  isDoing = false;
  drawTour(true);
}

const partAt = () => {
  const step = STEPS[Number.parseInt(at, 10)];
  return at.endsWith("b") ? { ...step, ...step.then, about: step.done, then: null } : step;
};

async function begin(part) {
  isDoing = true;
  keep("since", `${tools.newest()}`);
  keep("doing", at);
  drawTour(true);
  await part.does(tools);
  drawTour();
}

// Called whenever something has changed; it redraws itself only where it looks different then.
export function drawTour(takesFocus = false) {
  const place = byId("tour");
  if (!tools || at === "over") { look = ""; place.hidden = true; return; }
  const isBegun = kept("doing") === at && at !== "";
  const part = at === "" ? null : partAt();
  const isDone = Boolean(part && isBegun && part.isDone(tools));
  const now = [at, isDoing, isDone, isBegun].join();
  place.hidden = false;
  if (now === look) return;
  look = now;
  const hadFocus = takesFocus || place.contains(document.activeElement);
  place.replaceChildren(...(part ? stepNodes(part, isDone, isBegun && !isDone) : beginNodes()));
  if (hadFocus) place.querySelector("button.primary, button")?.focus();
}

function beginNodes() {
  return [
    h("div", { class: "tour-text" }, h("h2", {}, "See it work in two minutes"), h("p", {}, "Five steps. Each does the real thing, with a played Azure and a played Slack.")),
    h("div", { class: "row" }, action("Start the tour", () => go("0"), "tour-start"), skip("Skip")),
  ];
}

function stepNodes(part, isDone, isUnderWay) {
  const number = Number.parseInt(at, 10) + 1;
  return [
    h("div", { class: "tour-text" },
      h("p", { class: "tour-step" }, `${number} of ${STEPS.length}`),
      h("h2", { "data-testid": "tour-title" }, part.title),
      h("p", { role: "status", "data-testid": "tour-about", class: isDone ? "tour-done" : "" }, isDone ? part.done : isUnderWay ? "Under way …" : part.about)),
    h("div", { class: "row" }, nextNode(part, isDone, isUnderWay), isLast(isDone) || skip("Skip the tour")),
  ];
}

function nextNode(part, isDone, isUnderWay) {
  const number = Number.parseInt(at, 10);
  if (isDone && part.then) return action(part.then.offer, () => { at = `${number}b`; keep("at", at); begin(partAt()); }, "tour-do");
  if (isDone) return number + 1 < STEPS.length ? action("Next", () => go(String(number + 1)), "tour-next") : null;
  return isUnderWay ? null : action(part.offer, () => begin(part), "tour-do");
}

// The last button ends the tour.
const isLast = (isDone) => isDone && at === String(STEPS.length - 1) && action("Go on by yourself", leave, "tour-end");

const action = (name, onclick, id) => h("button", { type: "button", class: "button primary small", "data-testid": id, onclick }, name);
const skip = (name) => h("button", { type: "button", class: "quiet", "data-testid": "tour-skip", onclick: leave }, name);
