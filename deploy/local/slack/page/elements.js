// Block Kit's interactive elements. Each gives back a node; what is chosen in it is read later
// through `context.readers`, and a choice that the app hears of at once goes to `context.act`.

import { h, newId, safeUrl } from "/page/dom.js";
import { searchedList } from "/page/searched_list.js";
import { textObject } from "/page/text.js";

export function element(of, blockId, context, label = {}) {
  const make = MAKERS[of.type] || unknown;
  return make(of, blockId, context, label);
}

const unknown = (of) => h("span", { class: "unknown" }, `An element of type ${of.type} is not drawn here.`);

const plain = (object) => object?.text || "";

const stored = (of, blockId, context) => context.values?.[blockId]?.[of.action_id] || {};

// Tell the app now, after the confirmation where one is asked for.
async function tell(of, blockId, context, chosen, node) {
  if (of.confirm && !(await context.confirm(of.confirm))) return false;
  await context.act(of, chosen, node);
  return true;
}

function reading(of, context, read) {
  context.readers.set(of.action_id, read);
}

// Inputs in an input block wait for the submission; the others are told of at once.
const isQuiet = (label, context) => label.isInput && !label.dispatches && context.surface !== "message";

function named(of, label) {
  return { id: label.id, "aria-label": label.id ? null : plain(of.placeholder) || "Choice", "aria-describedby": label.describedBy, "aria-invalid": label.isWrong ? "true" : null, required: label.isRequired, "data-action-id": of.action_id, "data-testid": `element-${of.action_id}`, autofocus: of.focus_on_load };
}

function button(of, blockId, context) {
  const url = of.url && safeUrl(of.url);
  // Not `disabled`, which would lose the focus that a modal gives back when it closes.
  const press = async () => {
    if (node.getAttribute("aria-disabled")) return;
    node.setAttribute("aria-disabled", "true");
    const done = await tell(of, blockId, context, null, node);
    node.removeAttribute("aria-disabled");
    if (done && url) window.open(url, "_blank", "noreferrer,noopener");
  };
  const node = h("button", { type: "button", class: `button ${of.style || "usual"}`, "aria-label": of.accessibility_label, "data-action-id": of.action_id, "data-testid": `button-${of.action_id}`, onclick: press },
    textObject(of.text, context.names));
  return node;
}

function overflow(of, blockId, context) {
  const choose = (value) => {
    node.open = false;
    node.querySelector("summary").focus();
    tell(of, blockId, context, value, node);
  };
  const node = h("details", { class: "overflow", "data-testid": `element-${of.action_id}` },
    h("summary", { class: "button usual", "aria-label": "More actions" }, "⋯"),
    h("ul", {}, of.options.map((option) => h("li", {}, h("button", { type: "button", class: "quiet", onclick: () => choose(option.value) }, plain(option.text))))));
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && node.open) {
      event.stopPropagation();
      event.preventDefault();
      node.open = false;
      node.querySelector("summary").focus();
    }
  });
  return node;
}

function optionsOf(of) {
  const one = (option) => h("option", { value: option.value }, plain(option.text));
  const groups = (of.option_groups || []).map((group) => h("optgroup", { label: plain(group.label) }, group.options.map(one)));
  return [...(of.options || []).map(one), ...groups];
}

function peopleOf(of, context) {
  if (of.type.includes("users")) return [...context.names.people.values()].filter((person) => !person.is_slack).map((person) => h("option", { value: person.id }, person.real_name));
  return [...context.names.channels.values()].map((channel) => h("option", { value: channel.id }, channel.name ? `#${channel.name}` : "Direct message"));
}

function select(of, blockId, context, label) {
  const before = stored(of, blockId, context);
  const value = before.selected_option?.value || before.selected_user || before.selected_channel || before.selected_conversation || "";
  const choices = of.type === "static_select" ? optionsOf(of) : peopleOf(of, context);
  const node = h("select", { ...named(of, label), onchange: () => isQuiet(label, context) || (node.value && tell(of, blockId, context, node.value, node)) },
    h("option", { value: "" }, plain(of.placeholder) || "Choose one"), choices);
  node.value = value;
  reading(of, context, () => node.value || null);
  return node;
}

// One of what the app offers while one types.
function external(of, blockId, context, label) {
  if (!context.suggest) return unknown(of);
  const { node, read } = searchedList({
    properties: { ...named(of, label), placeholder: plain(of.placeholder) || null }, before: stored(of, blockId, context).selected_option,
    least: of.min_query_length, load: (typed) => context.suggest(of, typed),
    chosen: (value) => isQuiet(label, context) || tell(of, blockId, context, value, node),
  });
  reading(of, context, read);
  return node;
}

// Radio buttons, checkboxes and the multi selects: one fieldset of real inputs.
function choices(of, blockId, context, label) {
  const isOne = of.type === "radio_buttons";
  const before = stored(of, blockId, context);
  const picked = new Set([before.selected_option, ...(before.selected_options || [])].filter(Boolean).map((option) => option.value));
  [...(before.selected_users || []), ...(before.selected_channels || []), ...(before.selected_conversations || [])].forEach((id) => picked.add(id));
  const group = newId("choice");
  const options = /multi_(users|channels|conversations)/.test(of.type)
    ? peopleOf(of, context).map((option) => ({ value: option.value, text: { text: option.textContent } }))
    : [...(of.options || []), ...(of.option_groups || []).flatMap((each) => each.options)];
  const inputs = options.map((option) => {
    const input = h("input", { type: isOne ? "radio" : "checkbox", name: group, value: option.value, "data-action-id": of.action_id, onchange: () => isQuiet(label, context) || tell(of, blockId, context, read(), node) });
    input.checked = picked.has(option.value);
    const description = option.description && h("small", {}, textObject(option.description, context.names));
    return { input, row: h("label", { class: "choice" }, input, h("span", {}, textObject(option.text, context.names), description)) };
  });
  const read = () => {
    const chosen = inputs.filter(({ input }) => input.checked).map(({ input }) => input.value);
    return isOne ? chosen[0] || null : chosen;
  };
  reading(of, context, read);
  const node = h("div", { class: "choices", role: isOne ? "radiogroup" : "group", "aria-labelledby": label.labelId, "aria-label": label.labelId ? null : "Choices", "aria-describedby": label.describedBy, "data-testid": `element-${of.action_id}` }, inputs.map(({ row }) => row));
  return node;
}

const KINDS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local", number_input: "number", email_text_input: "email", url_text_input: "url", plain_text_input: "text" };
const KEPT = { datepicker: "selected_date", timepicker: "selected_time", datetimepicker: "selected_date_time" };

function localTime(seconds) {
  if (!seconds) return "";
  const when = new Date(seconds * 1000);
  return new Date(when.getTime() - when.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function input(of, blockId, context, label) {
  const before = stored(of, blockId, context)[KEPT[of.type] || "value"] ?? "";
  const common = { ...named(of, label), placeholder: plain(of.placeholder) || null, maxlength: of.max_length };
  const isDatetime = of.type === "datetimepicker";
  const node = of.multiline ? h("textarea", { ...common, rows: 4 }) : h("input", { ...common, type: KINDS[of.type] });
  node.value = isDatetime ? localTime(before) : before;
  const read = () => (isDatetime ? (node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null) : node.value || null);
  reading(of, context, read);
  if (!isQuiet(label, context)) {
    if (KEPT[of.type]) node.addEventListener("change", () => tell(of, blockId, context, read(), node));
    else if (of.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered")) node.addEventListener("input", () => tell(of, blockId, context, read(), node));
    else node.addEventListener("keydown", (event) => event.key === "Enter" && !of.multiline && tell(of, blockId, context, read(), node));
  }
  return node;
}

const MAKERS = {
  button, workflow_button: button, overflow, static_select: select, users_select: select, channels_select: select,
  conversations_select: select, external_select: external,
  radio_buttons: choices, checkboxes: choices, multi_static_select: choices, multi_users_select: choices,
  multi_channels_select: choices, multi_conversations_select: choices,
  ...Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, input])),
};
