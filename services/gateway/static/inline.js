/** The inside of a Markdown paragraph as nodes: emphasis, code, links. Nothing of it is ever markup. */

import { el } from "./dom.js";

const RULES = [
  [/^\\([!-/:-@[-`{-~])/, (m) => m[1]],
  [/^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/, (m) => el("code", {}, m[2].replace(/^ (.+) $/s, "$1"))],
  [/^!?\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]\(\s*<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+["'][^"'\n]*["'])?\s*\)/, (m, depth) => link(m[2], inline(m[1], depth), m[1])],
  [/^<(https?:\/\/[^\s<>]+|mailto:[^\s<>]+)>/, (m) => link(m[1], [m[1]], m[1])],
  [/^https?:\/\/[^\s<>"'`*\]）】」。，、]*[^\s<>"'`*_~\]）】」。，、.,:;!?)]/, (m) => link(m[0], [m[0]], m[0])],
  [/^\*\*\*(?=\S)([\s\S]*?\S)\*\*\*/, (m, depth) => el("strong", {}, el("em", {}, inline(m[1], depth)))],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (m, depth) => el("strong", {}, inline(m[1], depth))],
  [/^__(?=\S)([\s\S]*?\S)__(?!\w)/, (m, depth) => el("strong", {}, inline(m[1], depth)), true],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (m, depth) => el("s", {}, inline(m[1], depth))],
  [/^\*(?=[^\s*])((?:\*\*[^*]+\*\*|[^*])*?[^\s*])\*(?!\*)/, (m, depth) => el("em", {}, inline(m[1], depth))],
  [/^_(?=[^\s_])([^_]*?[^\s_])_(?!\w)/, (m, depth) => el("em", {}, inline(m[1], depth)), true],
  [/^(?: {2,}|\\)?\n */, () => el("br")],
  [/^<br ?\/?>/i, () => el("br")], // the one way to break a line in a table's cell
];
const PLAIN = /^[^\\`!\[<h*_~\n ]+/;
const DEEPEST = 8;

/** Nodes of one paragraph's text. */
export function inline(text, depth = 0) {
  if (depth > DEEPEST) return [text];
  const nodes = [];
  let plain = "";
  for (let rest = text; rest; ) {
    const [length, node] = step(rest, plain, depth);
    if (typeof node === "string") plain += node;
    else {
      if (plain) nodes.push(plain);
      nodes.push(node);
      plain = "";
    }
    rest = rest.slice(length);
  }
  return plain ? [...nodes, plain] : nodes;
}

function step(rest, before, depth) {
  const run = PLAIN.exec(rest);
  if (run) return [run[0].length, run[0]];
  for (const [pattern, build, atWordStart] of RULES) {
    if (atWordStart && /\w$/.test(before)) continue;
    const found = pattern.exec(rest);
    if (found) return [found[0].length, build(found, depth + 1)];
  }
  return [1, rest[0]];
}

/** A link, where its address is one that may be followed; else what was written. */
function link(address, content, written) {
  if (!isSafe(address)) return written === address ? written : el("span", {}, content);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, content);
}

/** Whether it is the address of a page or a picture: http or https, whole and without a trick. */
export const isWeb = (address) => /^https?:\/\//i.test(address ?? "") && URL.canParse(address);

/** Whether an address is http, https or mailto, whole and without a trick. */
export function isSafe(address) {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return false;
  return URL.canParse(address);
}
