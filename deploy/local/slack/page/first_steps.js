// What one may do next, above the message box: it changes with who one is and what waits.

import { h } from "/page/dom.js";

const VM = "web-01";
const APPROVERS = "vm-approvers";

// `offers(page, me, messages)` gives [{name, text}] to type, or [{name, press}] to press.
export function offers(page, me, messages) {
  const command = page.state.app.commands[0]?.name;
  if (!command) return [];
  const waiting = waitingCard(messages);
  const isApprover = page.state.groups.some((group) => group.handle === APPROVERS && group.members.includes(me));
  const asking = [
    { name: `What protects ${VM}?`, text: `${command} advise ${VM}` },
    { name: "A snapshot before a patch", text: `${command} snapshot ${VM} before kernel update --keep 1d` },
  ];
  const looking = [
    { name: "Which requests are there?", text: `${command} requests` },
    { name: "Which snapshots are kept?", text: `${command} snapshots` },
  ];
  if (isApprover && waiting) return [{ name: "Look at what waits for you", message: waiting.ts }, ...looking];
  return isApprover ? [...looking, asking[0]] : [...asking, ...looking];
}

export function waitingCard(messages) {
  return messages.findLast((message) => (message.blocks || []).some((block) => block.type === "actions" && block.elements.some((each) => each.text?.text === "Approve")));
}

export function offerNodes(list, { type, look }) {
  return list.map((each) => h("button", { type: "button", class: "offer", "data-testid": "offer", title: each.text || null, onclick: () => (each.text ? type(each.text) : look(each.message)) }, each.name));
}
