"""The text of the live page: one document with its own style and script."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Interactive learning</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --page: #fff; --ink: #1f2733; --faint: #5c6878; --rim: #d5dce6; }
@media (prefers-color-scheme: dark) { :root { --page: #12161d; --ink: #e3e9f2; --faint: #9aa7b8;
  --rim: #2a3442; } }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / 1fr minmax(16rem, 24rem);
  background: var(--page); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; }
header { grid-column: 1 / -1; display: flex; gap: 1rem; align-items: baseline; padding: .5rem 1rem;
  border-bottom: 1px solid var(--rim); }
h1 { font-size: 1rem; margin: 0; }
h2 { font-size: .8rem; margin: 1rem 0 .25rem; color: var(--faint); }
#connection { color: var(--faint); font-size: .85rem; }
#graph { overflow: auto; min-width: 0; }
#graph svg { display: block; }
aside { overflow: auto; padding: 0 1rem 1rem; border-left: 1px solid var(--rim); }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .2rem .5rem .2rem 0; overflow-wrap: anywhere;
  border-bottom: 1px solid var(--rim); font-weight: normal; white-space: pre-wrap; }
th { color: var(--faint); width: 35%; }
.unset { color: var(--faint); }
@media (max-width: 50rem) { body { grid-template: auto 1fr 1fr / 1fr; }
  aside { border-left: 0; border-top: 1px solid var(--rim); } }
</style>
</head>
<body>
<header><h1>Interactive learning</h1><span id="connection" role="status">connecting</span></header>
<main id="graph" aria-label="Story graph" tabindex="0"></main>
<aside>
<h2 id="said">Conversation</h2><table aria-labelledby="said"><tbody id="history"></tbody></table>
<h2 id="kept">Slots</h2><table aria-labelledby="kept"><tbody id="slots"></tbody></table>
</aside>
<script nonce="{nonce}">
"use strict";
const byId = (id) => document.getElementById(id);

function fill(body, rows) {
  body.replaceChildren(...rows.map(([name, value]) => {
    const row = document.createElement("tr");
    const head = row.appendChild(document.createElement("th"));
    const cell = row.appendChild(document.createElement("td"));
    head.scope = "row";
    head.textContent = name;
    cell.textContent = value === null ? "\\u2013" : value;
    cell.classList.toggle("unset", value === null);
    return row;
  }));
}

function draw(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.localName !== "svg") return;
  const svg = document.importNode(parsed, true);
  byId("graph").replaceChildren(svg);
  svg.querySelector(".now")?.scrollIntoView({ block: "center", inline: "center" });
}

function show(state) {
  fill(byId("history"), state.history);
  fill(byId("slots"), state.slots);
  draw(state.svg);
  byId("history").lastElementChild?.scrollIntoView({ block: "nearest" });
}

function listen() {
  const events = new EventSource("/events");
  const say = (text) => { byId("connection").textContent = text; };
  events.onopen = () => say("live");
  events.addEventListener("state", (event) => show(JSON.parse(event.data)));
  events.onerror = () => {
    say("not connected, trying again");
    // After an answer that is no stream the browser gives up by itself.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  };
}

listen();
</script>
</body>
</html>
"""


def live_html(nonce: str) -> str:
    """The page, its script marked with the nonce that the content policy names."""
    return _PAGE.replace("{nonce}", nonce)
