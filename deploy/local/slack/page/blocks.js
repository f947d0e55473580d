// Block Kit's blocks as nodes.

import { h, newId } from "/page/dom.js";
import { element } from "/page/elements.js";
import { markdown, richText, textObject } from "/page/text.js";

export function blocks(list, context) {
  return list.map((block) => {
    const make = MAKERS[block.type] || unknown;
    return h("div", { class: `block ${block.type}`, "data-block-id": block.block_id, "data-testid": `block-${block.type}` }, make(block, context));
  });
}

const unknown = (block) => h("p", { class: "unknown" }, `A block of type ${block.type} is not drawn here.`);

const header = (block, context) => h(context.surface === "message" ? "h2" : "h3", { class: "block-title" }, textObject(block.text, context.names));

function section(block, context) {
  const fields = (block.fields || []).map((field) => h("div", { class: "field" }, textObject(field, context.names)));
  return [
    h("div", { class: "section-text" }, block.text && h("div", {}, textObject(block.text, context.names)), fields.length > 0 && h("div", { class: "fields" }, fields)),
    block.accessory && h("div", { class: "accessory" }, block.accessory.type === "image" ? image(block.accessory) : element(block.accessory, block.block_id, context)),
  ];
}

const contextBlock = (block, context) =>
  block.elements.map((each) => (each.type === "image" ? image(each, "small") : h("div", {}, textObject(each, context.names))));

const actions = (block, context) => block.elements.map((each) => element(each, block.block_id, context));

// Pictures from elsewhere are not loaded; the stand-in reaches nothing outside this machine.
function image(of, size = "") {
  return h("figure", { class: `picture ${size}`, role: "img", "aria-label": of.alt_text },
    h("span", { "aria-hidden": "true" }, "▧"), h("figcaption", {}, of.title ? `${of.title.text}: ` : "", of.alt_text));
}

function input(block, context) {
  const of = block.element;
  const isGroup = /radio|checkbox|multi_/.test(of.type);
  const [id, labelId, hintId, errorId] = ["field", "label", "hint", "error"].map(newId);
  const error = context.errors?.[block.block_id];
  const described = [block.hint && hintId, error && errorId].filter(Boolean).join(" ");
  const text = [textObject(block.label, context.names), block.optional && h("span", { class: "optional" }, " (optional)")];
  const label = { id: isGroup ? null : id, labelId, describedBy: described || null, isWrong: Boolean(error), isInput: true, dispatches: block.dispatch_action, isRequired: !block.optional && !isGroup };
  return [
    isGroup ? h("p", { class: "label", id: labelId }, text) : h("label", { class: "label", id: labelId, for: id }, text),
    element(of, block.block_id, context, label),
    error && h("p", { class: "error", id: errorId, "data-testid": `error-${block.block_id}` }, error),
    block.hint && h("p", { class: "hint", id: hintId }, textObject(block.hint, context.names)),
  ];
}

function cell(of, context) {
  if (of.type === "rich_text") return richText(of, context.names);
  return of.type === "raw_number" ? of.text || String(of.value) : of.text;
}

// The first row is the heading, the first cell of each other row names the row.
function table(block, context, more = {}) {
  const [head, ...rows] = block.rows;
  const settings = block.column_settings || [];
  const look = (number) => [settings[number]?.align || "left", settings[number]?.is_wrapped === false ? "unwrapped" : "", block.rows[1]?.[number]?.type === "raw_number" ? "number" : ""].join(" ").trim();
  const names = more.rowHeader ?? 0;
  return h("div", { class: "table-place", role: "region", tabindex: "0", "aria-label": more.caption || `Table: ${head.map((each) => each.text || "").join(", ")}` },
    h("table", {},
      more.caption && h("caption", {}, more.caption),
      h("thead", {}, h("tr", {}, head.map((each, number) => h("th", { scope: "col", class: look(number) }, cell(each, context))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((each, number) =>
        h(number === names ? "th" : "td", { scope: number === names ? "row" : null, class: look(number) }, cell(each, context))))))));
}

const dataTable = (block, context) => table(block, context, { caption: block.caption?.text || String(block.caption), rowHeader: block.row_header_column_index });

function card(block, context) {
  return [
    block.title && h("h3", { class: "card-title" }, textObject(block.title, context.names)),
    block.subtitle && h("p", { class: "muted" }, textObject(block.subtitle, context.names)),
    block.body && h("p", {}, textObject(block.body, context.names)),
    block.actions && h("div", { class: "actions" }, block.actions.map((each) => element(each, block.block_id, context))),
  ];
}

function container(block, context) {
  const title = textObject(block.title, context.names);
  const inside = blocks(block.child_blocks, context);
  return block.is_collapsible ? h("details", {}, h("summary", {}, title), inside) : [title.length > 0 && h("h3", { class: "card-title" }, title), inside];
}

const alert = (block, context) => h("div", { class: `alert ${block.level || "default"}`, role: "note" }, h("strong", {}, LEVELS[block.level] || "Note"), " ", textObject(block.text, context.names));
const LEVELS = { info: "Note:", warning: "Warning:", error: "Error:", success: "Done:" };
const TASKS = { pending: "Waiting", in_progress: "Under way", complete: "Done", error: "Failed" };
const task = (block) => h("p", {}, h("strong", {}, `${TASKS[block.status]}: `), block.title?.text || String(block.title || ""));

const MAKERS = {
  header, section, context: contextBlock, actions, input, table, alert, card, container,
  divider: () => h("hr"),
  image: (block) => image(block),
  markdown: (block) => markdown(block.text),
  rich_text: (block, context) => richText(block, context.names),
  data_table: dataTable,
  carousel: (block, context) => blocks(block.elements, context),
  task_card: task,
};
