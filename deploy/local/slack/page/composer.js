// The message box. It knows the commands of the app, which come from its manifest.

import { h, newId } from "/page/dom.js";

// `send(text)` gives back {ok, problem}.
// `vms()` are those whose names are offered.
export function composer({ id, label, commands, appName, send, status, vms = () => [] }) {
  const listId = newId("suggestions");
  const hintId = newId("hint");
  const box = h("textarea", { id, rows: 1, "aria-label": label, placeholder: label, "aria-describedby": hintId, "aria-autocomplete": "list", "aria-controls": listId, role: "combobox", "aria-expanded": "false", autocomplete: "off", spellcheck: "false", "data-testid": id === "composer-text" ? "composer" : "thread-composer", maxlength: 4000 });
  const list = h("ul", { id: listId, class: "suggestions", role: "listbox", "aria-label": "Commands", "data-testid": "suggestions", hidden: true });
  const button = h("button", { type: "submit", class: "button primary send", "data-testid": id === "composer-text" ? "send" : "thread-send" }, "Send");
  const waiting = h("p", { class: "waiting", role: "status" });
  let at = -1;
  let found = [];

  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 200)}px`;
  };

  const show = () => {
    found = [...suggestions(box.value, commands), ...vmNames(box.value, commands, vms())];
    at = -1;
    list.replaceChildren(...found.map((each, number) => h("li", { id: `${listId}-${number}`, role: "option", "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); take(each); } },
      h("span", { class: "command" }, each.shown), h("span", { class: "about" }, each.description))));
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(found.length > 0));
    box.removeAttribute("aria-activedescendant");
  };

  const hide = () => {
    found = [];
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const take = (suggestion) => {
    box.value = suggestion.text;
    box.focus();
    show();
    grow();
  };

  const move = (by) => {
    at = (at + by + found.length) % found.length;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    list.children[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", list.children[at].id);
  };

  const submit = async () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    hide();
    grow();
    const slow = setTimeout(() => { waiting.textContent = `Waiting for ${appName} …`; }, 400);
    const answer = await send(text);
    clearTimeout(slow);
    waiting.textContent = "";
    if (!answer.ok) {
      status(answer.problem);
      if (!box.value) box.value = text;
      grow();
    }
  };

  box.addEventListener("input", () => { show(); grow(); });
  box.addEventListener("blur", hide);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (found.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1);
    } else if (found.length && event.key === "Escape") {
      event.preventDefault();
      hide();
    } else if (found.length && ((event.key === "Tab" && !event.shiftKey) || (event.key === "Enter" && at >= 0))) {
      const chosen = at >= 0 ? found[at] : found.find((each) => each.text !== box.value);
      if (!chosen || chosen.text === box.value) return;
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });
  return h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); submit(); } },
    list, h("div", { class: "composer-box" }, box, button),
    h("div", { class: "composer-foot" }, h("p", { id: hintId }, commands.length ? h("span", {}, h("kbd", {}, "/"), " for commands, ", h("kbd", {}, "Enter"), " to send") : h("span", {}, h("kbd", {}, "Enter"), " to send")), waiting));
}

// What may follow what is typed: the commands, and what their usage says.
export function suggestions(typed, commands) {
  if (!typed.startsWith("/") || typed.includes("\n")) return [];
  const text = typed.toLowerCase();
  return commands.flatMap((command) => {
    const usages = command.usage ? command.usage.split(" | ") : [""];
    return usages.map((usage) => {
      const word = usage.split(" ")[0];
      const takesMore = usage.includes(" ");
      const full = word ? `${command.name} ${word}${takesMore ? " " : ""}` : `${command.name} `;
      return { text: full, shown: usage ? `${command.name} ${usage}` : command.name, description: command.description };
    });
  }).filter((each) => each.text.toLowerCase().startsWith(text) || (text.startsWith(each.text.toLowerCase()) && each.text.endsWith(" ")));
}

const MOST_NAMES = 8;

// The VMs that may be meant, behind a command whose usage wants one; a name that two have with its group.
export function vmNames(typed, commands, vms) {
  const match = /^(\/\S+) ([a-z]+) (\S*)$/.exec(typed);
  const command = match && commands.find((each) => each.name === match[1]);
  const usage = command?.usage.split(" | ").find((each) => new RegExp(`^${match[2]} \\[?VM\\b`).test(each));
  if (!usage) return [];
  const count = (name) => vms.filter((each) => each.name === name).length;
  return vms.map((each) => ({ ...each, called: count(each.name) > 1 ? `${each.group}/${each.name}` : each.name }))
    .filter((each) => each.called.includes(match[3].toLowerCase()) && each.called !== match[3])
    .slice(0, MOST_NAMES)
    .map((each) => ({ text: `${match[1]} ${match[2]} ${each.called} `, shown: each.called, description: [`${each.sign} ${each.word}`, each.group, each.region].filter(Boolean).join(", ") }));
}
