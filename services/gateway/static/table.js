/** Markdown tables. */

import { el } from "./dom.js";
import { inline } from "./inline.js";

const DIVIDER = /^ {0,3}\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** Whether a table's head stands here: a row of cells, and a divider below it. */
export function isTable(lines, place) {
  const [head, divider = ""] = lines.slice(place, place + 2);
  return head.includes("|") && divider.includes("-") && DIVIDER.test(divider) && cells(head).length === cells(divider).length;
}

/** How many lines the table takes, and its node: one that scrolls by itself where it is too wide. */
export function table(lines, place) {
  let end = place + 2;
  while (end < lines.length && lines[end].trim() && lines[end].includes("|")) end += 1;
  const sides = cells(lines[place + 1]).map(side);
  const row = (tag) => (line) => {
    const texts = cells(line);
    return el("tr", {}, sides.map((one, column) => el(tag, { class: one }, inline(texts[column] ?? ""))));
  };
  const head = el("thead", {}, row("th")(lines[place]));
  const body = el("tbody", {}, lines.slice(place + 2, end).map(row("td")));
  return [end - place, el("div", { class: "table", tabindex: "0" }, el("table", {}, head, body))];
}

function cells(line) {
  const bare = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return bare.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

const side = (divider) => (divider.endsWith(":") ? (divider.startsWith(":") ? "middle" : "end") : null);
