"use strict";
// The columns of the VMs, unpacked once; everything below reads them by the number of a VM.
// What strangers wrote is only ever set as text.
const HEIGHT = 30; // of a row, as the style has it
const BEYOND = 12; // rows drawn above and below what is seen
const CHART_AFTER = 200; // milliseconds without a key
const COLUMNS = [
  { name: "name", title: "VM", width: "11%" },
  { name: "state", title: "State", width: "13%" },
  { name: "group", title: "Resource group", width: "12%" },
  { name: "region", title: "Region", width: "11%" },
  { name: "tier", title: "Tier", width: "10%" },
  { name: "todo", title: "What to do", width: "18%" },
  { name: "today", title: "Today", width: "8%", number: true },
  { name: "after", title: "Advised", width: "8%", number: true },
  { name: "difference", title: "More", width: "9%", number: true },
];
const STATES = ["unprotected", "broken", "partly protected", "being set up", "unknown", "protected"];
const money = new Intl.NumberFormat("en", { maximumFractionDigits: 2, minimumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en");
const at = (id) => document.getElementById(id);
const make = (tag, text, attributes = {}) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

async function unpacked() {
  const signs = atob(at("columns").textContent.trim()), packed = new Uint8Array(signs.length);
  for (let place = 0; place < signs.length; place += 1) packed[place] = signs.charCodeAt(place);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// --- reading -------------------------------------------------------------------------------

function reader(data) {
  const words = (name) => {
    const { values, codes } = data.words[name];
    const lowered = values.map((value) => value.toLowerCase());
    return { of: (vm) => values[codes[vm]], values, codes: Uint32Array.from(codes), lowered };
  };
  const columns = {};
  for (const name of Object.keys(data.words)) columns[name] = words(name);
  for (const name of Object.keys(data.numbers)) columns[name] = { of: (vm) => data.numbers[name][vm] };
  return { count: data.count, columns, options: data.options, needHours: data.needHours };
}

// --- choosing and ordering -------------------------------------------------------------------

function ranks(column) {
  const order = column.values.map((value, code) => [value, code]);
  order.sort((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0));
  const rank = new Uint32Array(order.length);
  order.forEach(([, code], place) => { rank[code] = place; });
  return rank;
}

// A whole number for each VM, the larger the later; of money in cents, unknown before all else.
function keyed(fleet, name) {
  const column = fleet.columns[name], keys = new Float64Array(fleet.count);
  if (!column.values) {
    for (let vm = 0; vm < fleet.count; vm += 1) keys[vm] = Math.round((column.of(vm) ?? -1e6) * 100);
    return keys;
  }
  const rank = name === "state" ? column.values.map((value) => STATES.indexOf(value)) : ranks(column);
  for (let vm = 0; vm < fleet.count; vm += 1) keys[vm] = rank[column.codes[vm]];
  return keys;
}

// Every VM in the order of one column; a filter then only leaves some of them out. Key and number
// of a VM are one number, so that they are sorted without a call for each pair.
function ordered(fleet, { name, up }) {
  const keys = keyed(fleet, name), vms = new Uint32Array(fleet.count);
  let least = Infinity, most = -Infinity;
  for (const key of keys) { least = Math.min(least, key); most = Math.max(most, key); }
  for (let vm = 0; vm < fleet.count; vm += 1) keys[vm] = (up ? keys[vm] - least : most - keys[vm]) * fleet.count + vm;
  keys.sort();
  for (let place = 0; place < fleet.count; place += 1) vms[place] = keys[place] % fleet.count;
  return vms;
}

// Which words hold the text, as 0 or 1 by their codes. Whoever types on is looked for only among
// the words that were found.
function finder(column) {
  let before = "", found = new Uint8Array(column.lowered.length).fill(1);
  return (text) => {
    const narrower = text.includes(before), next = new Uint8Array(column.lowered.length);
    for (let code = 0; code < next.length; code += 1) {
      if ((!narrower || found[code]) && column.lowered[code].includes(text)) next[code] = 1;
    }
    before = text;
    found = next;
    return next;
  };
}

function chooser(fleet) {
  const { name, group } = fleet.columns, named = finder(name), grouped = finder(group);
  const fits = new Uint8Array(fleet.count), chosen = new Uint32Array(fleet.count);
  const keep = (column, value) => {
    if (value === "") return;
    const code = column.values.indexOf(value), { codes } = column;
    for (let vm = 0; vm < fleet.count; vm += 1) if (codes[vm] !== code) fits[vm] = 0;
  };
  return (wish, everyVm) => {
    const text = wish.find.trim().toLowerCase();
    fits.fill(1);
    if (text !== "") {
      const names = named(text), groups = grouped(text), of = name.codes, within = group.codes;
      for (let vm = 0; vm < fleet.count; vm += 1) fits[vm] = names[of[vm]] | groups[within[vm]];
    }
    for (const each of ["state", "region", "tier"]) keep(fleet.columns[each], wish[each]);
    let count = 0;
    for (let place = 0; place < fleet.count; place += 1) {
      const vm = everyVm[place];
      chosen[count] = vm;
      count += fits[vm];
    }
    return chosen.subarray(0, count);
  };
}

// --- the table of VMs ------------------------------------------------------------------------

function vmTable(fleet, onOrder) {
  const view = at("window"), table = at("vms");
  let rows = [], first = -1, every = false;
  const head = make("tr");
  for (const column of COLUMNS) {
    const cell = make("th", undefined, { scope: "col" });
    cell.style.width = column.width;
    if (column.number) cell.className = "number";
    const button = make("button", column.title, { type: "button" });
    button.addEventListener("click", () => onOrder(column.name));
    cell.append(button);
    head.append(cell);
  }
  table.tHead.append(head);
  const cellOf = (column, vm) => {
    const value = fleet.columns[column.name].of(vm);
    const shown = column.number ? (value === null ? "unknown" : money.format(value)) : value;
    const cell = make("td", shown, { title: shown });
    if (column.number) cell.className = "number";
    if (column.name === "state") cell.dataset.state = value;
    return cell;
  };
  const spacer = (height) => {
    const row = make("tr", undefined, { class: "gap", "aria-hidden": "true" });
    const cell = make("td", undefined, { colspan: String(COLUMNS.length) });
    cell.style.height = `${height}px`;
    row.append(cell);
    return row;
  };
  const draw = (again) => {
    const seen = every ? rows.length : Math.ceil(view.clientHeight / HEIGHT) + 2 * BEYOND;
    const start = every ? 0 : Math.max(0, Math.min(Math.floor(view.scrollTop / HEIGHT) - BEYOND, rows.length - seen));
    if (!again && Math.abs(start - first) < BEYOND / 2) return;
    first = start;
    const end = Math.min(rows.length, start + seen);
    const parts = start > 0 ? [spacer(start * HEIGHT)] : [];
    for (let place = start; place < end; place += 1) {
      const row = make("tr", undefined, { "aria-rowindex": String(place + 2) });
      row.append(...COLUMNS.map((column) => cellOf(column, rows[place])));
      parts.push(row);
    }
    if (end < rows.length) parts.push(spacer((rows.length - end) * HEIGHT));
    table.tBodies[0].replaceChildren(...parts);
  };
  view.addEventListener("scroll", () => requestAnimationFrame(() => draw(false)));
  addEventListener("beforeprint", () => { every = rows.length <= 2000; draw(true); });
  addEventListener("afterprint", () => { every = false; draw(true); });
  return (next, order) => {
    rows = next;
    view.scrollTop = 0;
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    [...head.cells].forEach((cell, place) => {
      const sorted = COLUMNS[place].name === order.name;
      if (sorted) cell.setAttribute("aria-sort", order.up ? "ascending" : "descending");
      else cell.removeAttribute("aria-sort");
      cell.firstChild.textContent = COLUMNS[place].title + (sorted ? (order.up ? " ↑" : " ↓") : "");
    });
    draw(true);
  };
}

// --- sums ------------------------------------------------------------------------------------

function summed(fleet, name) {
  const { codes, values } = fleet.columns[name];
  const sums = values.map((value) => ({
    value, vms: 0, open: 0, today: 0, todayLacks: 0, after: 0, afterLacks: 0,
  }));
  for (let vm = 0; vm < fleet.count; vm += 1) {
    const sum = sums[codes[vm]];
    sum.vms += 1;
    sum.open += fleet.columns.state.of(vm) === "protected" ? 0 : 1;
    for (const kind of ["today", "after"]) {
      const costs = fleet.columns[kind].of(vm) ?? null;
      if (costs === null) sum[`${kind}Lacks`] += 1;
      else sum[kind] += costs;
    }
  }
  return sums.filter((sum) => sum.vms).sort((one, other) => other.after - one.after);
}

// A sum that lacks prices is a floor; one that has none is not known, and never 0.
function floored(value, lacks) {
  if (!lacks) return money.format(value);
  return value ? `≥ ${money.format(value)}` : "unknown";
}

function barred(sum, most, kind) {
  const value = sum[kind];
  const cell = make("td", floored(value, sum[`${kind}Lacks`]), { class: "number" });
  const bar = make("span", undefined, { class: `bar ${kind}`, "aria-hidden": "true" });
  bar.style.width = `${most ? Math.max(0, (100 * value) / most) : 0}%`;
  cell.append(bar);
  return cell;
}

function drawGroups(fleet, name) {
  const sums = summed(fleet, name).slice(0, 12);
  const most = Math.max(...sums.map((sum) => Math.max(sum.today, sum.after)));
  at("groups").tBodies[0].replaceChildren(...sums.map((sum) => {
    const row = make("tr");
    row.append(make("th", sum.value || "none", { scope: "row" }),
      make("td", whole.format(sum.vms), { class: "number" }),
      make("td", whole.format(sum.open), { class: "number" }),
      barred(sum, most, "today"), barred(sum, most, "after"));
    return row;
  }));
}

function drawOptions(fleet) {
  at("options").tBodies[0].replaceChildren(...fleet.options.map((option) => {
    const row = make("tr");
    row.append(make("th", option.name, { scope: "row" }),
      make("td", whole.format(option.vms), { class: "number" }),
      make("td", money.format(option.monthly), { class: "number" }));
    return row;
  }));
}

// --- recovery against money ------------------------------------------------------------------

function drawChart(fleet, chosen) {
  const canvas = at("chart"), style = getComputedStyle(document.documentElement);
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const color = (name) => style.getPropertyValue(name).trim();
  const left = 64, bottom = 28, top = 16, right = 12;
  const costs = [0.1, 1, 10, 100, 1000, 10000], hours = [0.1, 1, 4, 12, 24, 72, 168, 720];
  const x = (cost) => left + ((width - left - right) * Math.log10(Math.max(cost, 0.1) / 0.1)) / 5;
  const span = Math.log10(720 / 0.1);
  const y = (lost) => (lost === null ? top : top + 22 + (height - top - 22 - bottom) * (1 - Math.log10(Math.max(lost, 0.1) / 0.1) / span));
  pen.font = "12px system-ui, sans-serif";
  pen.fillStyle = color("--quiet");
  pen.strokeStyle = color("--line");
  costs.forEach((cost, number) => {
    const isRoomy = width > 500 || number % 2 === 1;
    if (isRoomy) pen.fillText(whole.format(cost), Math.min(x(cost), width - 46), height - 10);
    pen.beginPath(); pen.moveTo(x(cost), top); pen.lineTo(x(cost), height - bottom); pen.stroke();
  });
  for (const lost of hours) pen.fillText(lost >= 24 ? `${lost / 24} d` : `${lost} h`, 8, y(lost) + 4);
  pen.fillText("no point", 8, top + 4);
  const across = Math.ceil(width) + 1, there = new Uint16Array(across * (Math.ceil(height) + 1));
  const points = (lostOf, costOf, name) => {
    // VMs at one place are one mark, the darker the more there are.
    there.fill(0);
    for (const vm of chosen) {
      const cost = costOf.of(vm);
      if (cost === null) continue;
      const wobble = ((vm * 7919) % 9) - 4;
      const place = Math.round(y(lostOf.of(vm)) + wobble) * across + Math.min(Math.round(x(cost)), across - 1);
      if (there[place] < 65535) there[place] += 1;
    }
    pen.fillStyle = color(name);
    const alone = chosen.length > 5000 ? 0.25 : 0.6;
    for (let place = 0; place < there.length; place += 1) {
      if (there[place] === 0) continue;
      pen.globalAlpha = 1 - (1 - alone) ** there[place];
      pen.fillRect((place % across) - 2.5, Math.floor(place / across) - 2.5, 5, 5);
    }
    pen.globalAlpha = 1;
  };
  const { lostToday, lostAfter, today, after } = fleet.columns;
  points(lostAfter, after, "--after");
  points(lostToday, today, "--accent");
  pen.strokeStyle = color("--bad");
  pen.setLineDash([6, 4]);
  pen.beginPath(); pen.moveTo(left, y(fleet.needHours)); pen.lineTo(width - right, y(fleet.needHours)); pen.stroke();
}

// --- all together ----------------------------------------------------------------------------

async function start() {
  const fleet = reader(await unpacked());
  const wish = { find: "", state: "", region: "", tier: "" };
  const order = { name: "state", up: true };
  const chosenOf = chooser(fleet);
  let drawing = 0;
  let everyVm = ordered(fleet, order);
  const show = vmTable(fleet, (name) => {
    order.up = order.name === name ? !order.up : !COLUMNS.find((column) => column.name === name).number;
    order.name = name;
    everyVm = ordered(fleet, order);
    update();
  });
  const update = (after = CHART_AFTER) => {
    const chosen = chosenOf(wish, everyVm);
    show(chosen, order);
    at("shown").textContent = `${whole.format(chosen.length)} of ${whole.format(fleet.count)} VMs`;
    for (const button of at("states").children) button.setAttribute("aria-pressed", String(button.dataset.value === wish.state));
    at("state").value = wish.state;
    clearTimeout(drawing); // a chart of 100,000 points is not drawn at each key
    drawing = setTimeout(() => drawChart(fleet, chosen), after);
  };
  for (const name of ["state", "region", "tier"]) {
    const values = name === "state" ? STATES.filter((state) => fleet.columns.state.values.includes(state)) : fleet.columns[name].values.slice().sort();
    at(name).append(...values.map((value) => make("option", value || "none", { value })));
    at(name).addEventListener("change", () => { wish[name] = at(name).value; update(); });
  }
  at("find").addEventListener("input", () => { wish.find = at("find").value; update(); });
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  const counts = summed(fleet, "state");
  for (const state of STATES) {
    const sum = counts.find((each) => each.value === state);
    if (!sum) continue;
    const button = make("button", undefined, { type: "button", "data-value": state });
    button.append(make("b", whole.format(sum.vms)), make("span", state, { "data-state": state }));
    button.addEventListener("click", () => { wish.state = wish.state === state ? "" : state; update(); });
    at("states").append(button);
  }
  at("by").addEventListener("change", () => drawGroups(fleet, at("by").value));
  drawGroups(fleet, "region");
  drawOptions(fleet);
  update(0);
  addEventListener("resize", () => update());
  setTimeout(() => { document.documentElement.dataset.ready = "yes"; }, 0); // behind the chart
}

start();
