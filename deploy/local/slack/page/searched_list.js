// A list that the app fills while one types: a combobox whose choice is the app's opaque value.

import { h, newId } from "/page/dom.js";

const PAUSE_MS = 150; // typing goes on within it
const USUAL_LENGTH = 3; // as Slack's own, where the app names none

// `load(typed)` gives back {ok, problem, options}; `before` is the option chosen so far.
export function searchedList({ properties, before, least = USUAL_LENGTH, load, chosen }) {
  const listId = newId("found");
  const box = h("input", { ...properties, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId });
  const list = h("ul", { id: listId, class: "found", role: "listbox", "aria-label": "Choices", hidden: true });
  const said = h("p", { class: "hint", role: "status" });
  let found = [];
  let at = -1;
  let asked = 0;
  let pause = null;

  const close = () => {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const take = (option) => {
    box.value = option.text.text;
    box.dataset.chosen = option.value;
    said.textContent = "";
    close();
    chosen(option.value);
  };
  const mark = (number) => {
    at = number;
    [...list.children].forEach((item, each) => item.setAttribute("aria-selected", String(each === at)));
    list.children[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const show = (options) => {
    found = options;
    at = -1;
    list.replaceChildren(...options.map((option, number) => h("li", { id: `${listId}-${number}`, role: "option", "aria-selected": "false", "data-testid": "found", onmousedown: (event) => { event.preventDefault(); take(option); } },
      h("span", {}, option.text.text), option.description && h("small", {}, option.description.text))));
    list.hidden = !options.length;
    box.setAttribute("aria-expanded", String(options.length > 0));
  };
  const ask = async () => {
    const number = (asked += 1);
    const answer = await load(box.value);
    if (number !== asked || box.dataset.chosen) return; // typed on since, or chosen
    show(answer.ok ? answer.options : []);
    said.textContent = answer.ok ? (answer.options.length ? `${answer.options.length} found` : "Nothing found") : answer.problem;
  };

  box.addEventListener("input", () => {
    delete box.dataset.chosen;
    clearTimeout(pause);
    asked += 1;
    if (box.value.length < least) {
      said.textContent = "";
      show([]);
    } else pause = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener("blur", () => {
    close();
    if (!box.dataset.chosen) box.value = ""; // what is only typed is not chosen
    said.textContent = "";
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && (at >= 0 || found.length === 1)) {
      event.preventDefault();
      take(found[Math.max(at, 0)]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  if (before) {
    box.value = before.text.text;
    box.dataset.chosen = before.value;
  }
  return { node: h("div", { class: "searched" }, box, list, said), read: () => box.dataset.chosen || null };
}
