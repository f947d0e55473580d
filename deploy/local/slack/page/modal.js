// Modals: the view on top of the stack, and the confirmation that a button may ask for.

import { blocks } from "/page/blocks.js";
import { byId, h } from "/page/dom.js";
import { textObject } from "/page/text.js";

let shown = null;
let readers = new Map();
const filled = () => Object.fromEntries([...readers].map(([id, read]) => [id, read()]));

export function showModals(stack, page) {
  const dialog = byId("modal");
  const view = stack.at(-1);
  if (!view) {
    shown = null;
    if (dialog.open) dialog.close();
    return;
  }
  const kept = shown?.id === view.id ? keep() : null;
  shown = view;
  draw(dialog, view, stack, page);
  if (!dialog.open) dialog.showModal();
  if (kept) restore(dialog, kept);
  focusOn(dialog, view, kept);
}

function draw(dialog, view, stack, page) {
  readers = new Map();
  const context = {
    surface: view.type, names: page.names, readers, values: view.state.values, errors: view.errors, confirm: page.confirm,
    act: (of, chosen) => page.act({ do: "press", view: view.id, action: of.action_id, chosen, filled: filled() }),
    suggest: (of, typed) => page.act({ do: "suggest", view: view.id, action: of.action_id, typed }, true),
  };
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    await page.act({ do: "submit", view: view.id, filled: filled() }, true);
    send.disabled = false;
  };
  const close = () => page.act({ do: "close" });
  const send = h("button", { type: "submit", class: "button primary", "data-testid": "modal-submit", disabled: view.submit_disabled }, view.submit ? textObject(view.submit, page.names) : "");
  dialog.replaceChildren(h("form", { novalidate: true, onsubmit: submit },
    h("header", {}, stack.length > 1 && h("button", { type: "button", class: "quiet", "aria-label": "Back", onclick: close }, "←"),
      h("h2", { id: "modal-title" }, textObject(view.title, page.names)),
      h("button", { type: "button", class: "quiet", "aria-label": "Close", "data-testid": "modal-x", onclick: () => page.act({ do: "close", everything: true }) }, "✕")),
    h("div", { class: "modal-body" },
      view.trouble && h("p", { class: "alert error", role: "alert", "data-testid": "modal-trouble" }, view.trouble),
      blocks(view.blocks, context)),
    h("footer", {}, h("button", { type: "button", class: "button usual", "data-testid": "modal-close", onclick: close }, view.close ? textObject(view.close, page.names) : "Cancel"), view.submit && send)));
  dialog.oncancel = (event) => {
    event.preventDefault();
    close();
  };
}

// What was typed stays when the app changes its view under one's hands.
function keep() {
  const dialog = byId("modal");
  const typed = [...dialog.querySelectorAll("input[data-action-id], textarea[data-action-id], select[data-action-id]")]
    .map((node) => ({ action: node.dataset.actionId, option: /radio|checkbox/.test(node.type) ? node.value : null, value: node.value, checked: node.checked, chosen: node.dataset.chosen }));
  return { typed, focus: document.activeElement?.dataset?.actionId, scroll: dialog.querySelector(".modal-body")?.scrollTop || 0 };
}

function restore(dialog, kept) {
  for (const node of dialog.querySelectorAll("input[data-action-id], textarea[data-action-id], select[data-action-id]")) {
    const isChoice = /radio|checkbox/.test(node.type);
    const before = kept.typed.find((each) => each.action === node.dataset.actionId && (!isChoice || each.option === node.value));
    if (!before) continue;
    if (isChoice) node.checked = before.checked;
    else node.value = before.value;
    if (before.chosen) node.dataset.chosen = before.chosen;
  }
  dialog.querySelector(".modal-body").scrollTop = kept.scroll;
}

function focusOn(dialog, view, kept) {
  const wrong = dialog.querySelector('[aria-invalid="true"]');
  const before = kept?.focus && dialog.querySelector(`[data-action-id="${CSS.escape(kept.focus)}"]`);
  const first = dialog.querySelector("[autofocus], .modal-body :is(input, textarea, select), footer .primary, footer .button");
  (wrong || before || first)?.focus();
}

// A promise of yes or no.
export function confirm(of, names) {
  const dialog = byId("confirm");
  return new Promise((decide) => {
    const end = (answer) => {
      dialog.close();
      decide(answer);
    };
    dialog.replaceChildren(
      h("header", {}, h("h2", { id: "confirm-title" }, textObject(of.title, names))),
      h("div", { class: "modal-body" }, h("p", {}, textObject(of.text, names))),
      h("footer", {},
        h("button", { type: "button", class: "button usual", "data-testid": "confirm-deny", onclick: () => end(false) }, textObject(of.deny, names)),
        h("button", { type: "button", class: `button ${of.style || "primary"}`, "data-testid": "confirm-yes", onclick: () => end(true) }, textObject(of.confirm, names))));
    dialog.oncancel = (event) => {
      event.preventDefault();
      end(false);
    };
    dialog.showModal();
    dialog.querySelector("footer button").focus();
  });
}
