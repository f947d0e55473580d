(shown) => {
  const edge = shown.getBoundingClientRect();
  const inTable = (node) => node.closest(".table-place") !== null;
  const isHidden = (node) => node.closest(".hidden, .message-tools") !== null;
  const beyond = [...shown.querySelectorAll("*")]
    .filter((node) => !inTable(node) && !isHidden(node))
    .filter((node) => { const box = node.getBoundingClientRect(); return box.width > 0 && (box.right > edge.right + 1 || box.left < edge.left - 1); })
    .map((node) => `${node.tagName.toLowerCase()}.${node.className}: ${node.textContent.slice(0, 60)}`);
  const tables = [...shown.querySelectorAll(".table-place")];
  const first = shown.querySelector(".blocks > .block, .message-body > .text, .modal-body .block");
  const button = shown.querySelector(".actions button");
  return {
    first_line: (first?.innerText || "").split("\n")[0],
    beyond: beyond.slice(0, 5),
    scrolls: tables.some((table) => table.scrollWidth > table.clientWidth + 1),
    button_below: button ? Math.round(button.getBoundingClientRect().bottom - edge.top) : 0,
  };
}
