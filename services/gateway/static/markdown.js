/** Safe Markdown: text to DOM nodes, block by block. Nodes are created one by one; no text is ever parsed as HTML. */

import { el } from "./dom.js";
import { inline } from "./inline.js";
import { table, isTable } from "./table.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`\s]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/;
const DEEPEST = 6;

/** The nodes of a whole text. `codeTools(text)` gives what stands above a code block, such as a copy button. */
export function markdown(text, codeTools = () => []) {
  return blocks(text.replace(/\r\n?/g, "\n").split("\n"), codeTools, 0);
}

function blocks(lines, codeTools, depth) {
  const nodes = [];
  for (let place = 0; place < lines.length; ) {
    const [taken, node] = block(lines, place, codeTools, depth);
    if (node) nodes.push(node);
    place += taken;
  }
  return nodes;
}

function block(lines, place, codeTools, depth) {
  const line = lines[place];
  if (!line.trim()) return [1, null];
  const fence = FENCE.exec(line);
  if (fence) return code(lines, place, fence, codeTools);
  const heading = HEADING.exec(line);
  if (heading) return [1, el(`h${Math.min(heading[1].length + 2, 6)}`, {}, inline(heading[2]))];
  if (RULE.test(line)) return [1, el("hr")];
  if (depth < DEEPEST && QUOTE.test(line)) return quote(lines, place, codeTools, depth);
  if (depth < DEEPEST && ITEM.test(line)) return list(lines, place, codeTools, depth);
  if (isTable(lines, place)) return table(lines, place);
  return paragraph(lines, place);
}

function code(lines, place, [, fence], codeTools) {
  const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`);
  let end = place + 1;
  while (end < lines.length && !closing.test(lines[end])) end += 1;
  const text = lines.slice(place + 1, end).join("\n");
  const pre = el("pre", { tabindex: "0" }, el("code", {}, text));
  return [end - place + 1, el("div", { class: "code" }, codeTools(text), pre)];
}

function quote(lines, place, codeTools, depth) {
  let end = place;
  while (end < lines.length && (QUOTE.test(lines[end]) || (end > place && !startsBlock(lines, end)))) end += 1;
  const inner = lines.slice(place, end).map((line) => line.replace(QUOTE, ""));
  return [end - place, el("blockquote", {}, blocks(inner, codeTools, depth + 1))];
}

function list(lines, place, codeTools, depth) {
  const ordered = /\d/.test(ITEM.exec(lines[place])[2]);
  const items = [];
  let end = place;
  while (end < lines.length && isItem(lines[end], ordered)) {
    const [taken, inner] = item(lines, end);
    items.push(el("li", {}, tight(blocks(inner, codeTools, depth + 1))));
    end += taken;
  }
  const start = ordered ? parseInt(ITEM.exec(lines[place])[2], 10) : 1;
  return [end - place, el(ordered ? "ol" : "ul", { start: start === 1 ? null : start }, items)];
}

function isItem(line, ordered) {
  const found = ITEM.exec(line);
  return found !== null && !RULE.test(line) && /\d/.test(found[2]) === ordered;
}

function item(lines, place) {
  const [marker] = ITEM.exec(lines[place]);
  const indent = Math.min(marker.length, marker.trimEnd().length + 1);
  const inner = [lines[place].slice(marker.length)];
  let end = place + 1;
  for (; end < lines.length; end += 1) {
    const line = lines[end];
    const deeper = /^ */.exec(line)[0].length >= Math.min(indent, 2);
    if (line.trim() ? !deeper && (startsBlock(lines, end) || !lines[end - 1].trim()) : !continues(lines, end)) break;
    inner.push(line.replace(new RegExp(`^ {0,${indent}}`), ""));
  }
  while (end < lines.length && !lines[end].trim()) end += 1;
  return [end - place, inner];
}

function continues(lines, place) {
  const next = lines.slice(place).find((line) => line.trim());
  return next !== undefined && /^ {2,}/.test(next);
}

// An item of one paragraph reads better without the paragraph's space around it.
function tight(nodes) {
  return nodes.flatMap((node, place) => (place === 0 && node.tagName === "P" ? [...node.childNodes] : [node]));
}

function paragraph(lines, place) {
  let end = place + 1;
  while (end < lines.length && !startsBlock(lines, end)) end += 1;
  return [end - place, el("p", {}, inline(lines.slice(place, end).join("\n").trim()))];
}

function startsBlock(lines, place) {
  const line = lines[place];
  if (!line.trim() || isTable(lines, place)) return true;
  return [FENCE, HEADING, RULE, QUOTE, ITEM].some((pattern) => pattern.test(line));
}
