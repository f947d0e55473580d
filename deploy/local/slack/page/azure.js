// The panel beside Slack: the played Azure, its clock, and what one may break.

import { byId, h } from "/page/dom.js";

const HOUR = 3600;
const STEPS = [["+1 h", "one hour", HOUR], ["+1 day", "one day", 24 * HOUR], ["+30 days", "thirty days", 30 * 24 * HOUR]];
const GONE_MILLISECONDS = 6000;
// What was there a moment ago and was deleted: it is shown so before it goes.
const gone = new Map();
let shown = null;
const drawn = new Map();

// `panel` offers act(deed), advise(vm), status(text).
export function drawAzure(view, panel) {
  noteGone(view, panel);
  shown = view;
  byId("azure").hidden = false;
  section("azure-clock", { ahead: view.ahead_seconds, minute: minute(view) }, () => clockNodes(view, panel));
  section("azure-snapshots", [view.snapshots, view.others, [...gone.keys()]], () => snapshotNodes(view));
  section("azure-jobs", view.jobs, () => jobNodes(view.jobs));
  section("azure-vms", view.vms, () => vmNodes(view.vms, panel));
  section("azure-faults", [view.switches, view.bot_runs, view.can_reset], () => faultNodes(view, panel));
}

export const azureShown = () => shown;

const timeOf = (view) => new Date(Date.now() + view.ahead_seconds * 1000);
const minute = (view) => Math.floor(timeOf(view).getTime() / 60000);

// Nodes that did not change stay, and with them the focus; a new node takes it over by its key.
function section(id, look, make) {
  const place = byId(id);
  const text = JSON.stringify(look);
  if (drawn.get(id) === text) return;
  drawn.set(id, text);
  const key = place.contains(document.activeElement) && document.activeElement.dataset.key;
  place.replaceChildren(...[make()].flat(Infinity).filter(Boolean));
  if (key) (place.querySelector(`[data-key="${CSS.escape(key)}"]`) || place.querySelector("button"))?.focus();
}

function noteGone(view, panel) {
  const there = new Set(view.snapshots.map((each) => each.id));
  for (const each of shown?.snapshots || []) {
    if (there.has(each.id) || gone.has(each.id)) continue;
    gone.set(each.id, { ...each, state: "deleted" });
    panel.status(`Azure: the snapshot of ${each.disk} is deleted.`, true);
    setTimeout(() => { gone.delete(each.id); if (shown) drawAzure(shown, panel); }, GONE_MILLISECONDS);
  }
}

// --- the clock -----------------------------------------------------------------------------

function clockNodes(view, panel) {
  const now = timeOf(view);
  const ahead = view.ahead_seconds;
  return [
    h("p", { class: "now" },
      h("time", { datetime: now.toISOString(), "data-testid": "azure-now" }, now.toLocaleString([], { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })),
      h("small", { "data-testid": "azure-ahead" }, ahead ? `${span(ahead)} ahead of your own clock` : "as on your own clock")),
    h("div", { class: "row" }, STEPS.map(([name, spoken, seconds]) => h("button", { type: "button", class: "button small", "data-key": name, "data-testid": `forward-${seconds}`, "aria-label": `Move the clock forward by ${spoken}`, onclick: () => forward(seconds, name, panel) }, name))),
  ];
}

async function forward(seconds, name, panel) {
  const answer = await panel.act({ do: "forward", seconds });
  if (answer.ok) panel.status(`${name}: Azure, Slack and vmbackup are there now.`);
}

function span(seconds) {
  const all = Math.round(seconds / HOUR);
  const days = Math.floor(all / 24);
  const hours = all % 24;
  const parts = [days && `${days} ${days === 1 ? "day" : "days"}`, hours && `${hours} h`];
  return parts.filter(Boolean).join(" ");
}

// --- snapshots -----------------------------------------------------------------------------

function snapshotNodes(view) {
  const all = [...view.snapshots, ...gone.values()];
  const others = view.others ? `${view.others} other ${view.others === 1 ? "snapshot was" : "snapshots were"} there before.` : "";
  if (!all.length) return h("p", { class: "none" }, `vmbackup has taken none yet. ${others}`);
  return [h("ul", { class: "rows", "data-testid": "azure-snapshots" }, all.map((each) => snapshotNode(each, view))), others && h("p", { class: "none" }, others)];
}

const SIGNS = { ready: "●", "being taken": "◔", failed: "✕", deleted: "○" };

function snapshotNode(of, view) {
  return h("li", { class: `snapshot ${of.state.replace(" ", "-")}`, "data-testid": "azure-snapshot", title: of.name },
    h("span", { class: "line" }, h("strong", {}, of.disk), h("span", { class: "state" }, h("span", { "aria-hidden": "true" }, `${SIGNS[of.state] || ""} `), of.state === "being taken" ? `${Math.round(of.percent)} %` : of.state)),
    of.state === "being taken" && h("progress", { max: 100, value: of.percent, "aria-label": `Progress of the snapshot of ${of.disk}` }),
    h("small", {}, [of.size_gib && `${of.size_gib} GB`, of.request, expiry(of, view)].filter(Boolean).join(" · ")));
}

function expiry(of, view) {
  if (of.state === "deleted" || !of.expires) return "";
  const left = (new Date(of.expires) - timeOf(view)) / 1000;
  if (left <= 0) return "expired";
  if (left < 47 * HOUR && left >= HOUR) return `expires in ${Math.round(left / HOUR)} h`;
  return left < HOUR ? `expires in ${Math.max(1, Math.round(left / 60))} min` : `expires in ${span(left)}`;
}

// --- jobs, VMs -----------------------------------------------------------------------------

function jobNodes(jobs) {
  if (!jobs.length) return h("p", { class: "none" }, "Nothing was changed yet.");
  return h("ul", { class: "rows", "data-testid": "azure-jobs" }, jobs.map((each) => h("li", { class: "job" },
    h("span", { class: "line" }, h("span", {}, each.what), h("span", { class: "state" }, each.status)), h("small", { title: each.id }, each.about))));
}

// How many there are of each sign, the ones to look at first.
function counts(vms) {
  const found = new Map();
  for (const each of vms) found.set(`${each.sign} ${each.word}`, (found.get(`${each.sign} ${each.word}`) || 0) + 1);
  return [...found].sort((one, other) => other[1] - one[1]).map(([name, count]) => `${count} ${name}`);
}

function vmNodes(vms, panel) {
  return [h("p", { class: "none counts" }, counts(vms).map((each) => h("span", {}, each))), vmList(vms, panel)];
}

function vmList(vms, panel) {
  return h("ul", { class: "rows", "data-testid": "azure-vms" }, vms.map((each) => h("li", {},
    h("button", { type: "button", class: "vm", "data-key": each.id, "aria-label": `${each.name}, ${each.word}${each.by ? ` by ${each.by}` : ""}. Ask what protects it`, onclick: () => panel.advise(each) },
      h("span", { "aria-hidden": "true" }, each.sign),
      h("span", { class: "vm-text" }, h("strong", {}, each.name), h("small", {}, [each.word, each.by, each.snapshots && `${each.snapshots} on request`].filter(Boolean).join(" · ")))))));
}

// --- breaking things -----------------------------------------------------------------------

function faultNodes(view, panel) {
  return [
    h("ul", { class: "rows" }, view.switches.map((each) => h("li", {}, switchNode(each, panel)))),
    h("div", { class: "row" },
      view.bot_runs
        ? h("button", { type: "button", class: "button small danger", "data-key": "bot", "data-testid": "kill-bot", onclick: () => panel.act({ do: "kill-bot" }) }, "Kill the bot")
        : h("button", { type: "button", class: "button small primary", "data-key": "bot", "data-testid": "start-bot", onclick: () => panel.act({ do: "start-bot" }) }, "Start the bot again"),
      view.can_reset && h("button", { type: "button", class: "button small", "data-key": "reset", "data-testid": "reset", onclick: () => panel.reset() }, "Start all anew")),
  ];
}

function switchNode(of, panel) {
  return h("button", { type: "button", role: "switch", class: "switch", "aria-checked": String(of.on), "data-key": of.id, "data-testid": `switch-${of.id}`, onclick: () => panel.act({ do: "switch", switch: of.id, on: !of.on }) },
    h("span", { class: "knob", "aria-hidden": "true" }), h("span", { class: "vm-text" }, h("strong", {}, of.name), h("small", {}, of.about)));
}
