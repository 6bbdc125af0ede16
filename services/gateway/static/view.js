// Draws turns into the log: the person's line, the bot's replies, what can be pressed.

import { compare } from "./comparison.js";
import { say } from "./i18n.js";
import { render } from "./markdown.js";

const NEAR_END_PX = 120;

export class View {
  constructor(log, stage, onPress, onAgain) {
    this.log = log;
    this.stage = stage;
    this.onPress = onPress;
    this.onAgain = onAgain;
    this.nodes = new Map(); // event id -> { said, replies: index -> node }
  }

  clear() {
    this.log.replaceChildren();
    this.nodes.clear();
  }

  draw(turn, photo) {
    const atEnd = this.stage.scrollHeight - this.stage.scrollTop - this.stage.clientHeight < NEAR_END_PX;
    const nodes = this.nodesOf(turn.eventId);
    if (turn.said) this.drawSaid(nodes, turn, photo);
    for (const [index, text] of turn.partial) this.drawPartial(nodes, index, text);
    for (const [index, reply] of turn.replies) this.drawReply(nodes, index, reply, photo);
    for (const [index, node] of nodes.replies) {
      if (!turn.partial.has(index) && !turn.replies.has(index)) {
        node.remove();
        nodes.replies.delete(index);
      }
    }
    if (atEnd || turn.said?.state === "pending") this.scrollToEnd();
  }

  // Only the last reply's buttons stay: the others belong to a moment that has passed.
  keepChoicesOf(eventId) {
    for (const node of this.log.querySelectorAll(".choices")) {
      if (node.dataset.eventId !== eventId) node.remove();
    }
  }

  scrollToEnd() {
    this.stage.scrollTop = this.stage.scrollHeight;
  }

  nodesOf(eventId) {
    if (!this.nodes.has(eventId)) this.nodes.set(eventId, { said: null, replies: new Map() });
    return this.nodes.get(eventId);
  }

  drawSaid(nodes, turn, photo) {
    const { text, state } = turn.said;
    if (!nodes.said) {
      nodes.said = line("mine");
      const first = [...nodes.replies.values()][0];
      if (first) first.before(nodes.said);
      else this.log.append(nodes.said);
    }
    nodes.said.className = `line mine ${state}`;
    nodes.said.replaceChildren();
    if (photo) nodes.said.append(thumbnail(photo));
    else if (turn.said.hasPhoto && !text) nodes.said.append(bubble("🖼"));
    if (text) nodes.said.append(bubble(text));
    if (state === "failed") nodes.said.append(button(say("again"), () => this.onAgain(turn.eventId), "again"));
  }

  replyNode(nodes, index) {
    if (!nodes.replies.has(index)) {
      const node = line("bot");
      nodes.replies.set(index, node);
      const before = [...nodes.replies.values()].at(-2) ?? nodes.said;
      if (before) before.after(node);
      else this.log.append(node);
    }
    return nodes.replies.get(index);
  }

  drawPartial(nodes, index, text) {
    const node = this.replyNode(nodes, index);
    node.setAttribute("aria-hidden", "true"); // a screen reader hears the whole reply, once
    const body = bubble();
    body.append(render(text));
    node.replaceChildren(body);
  }

  drawReply(nodes, index, reply, photo) {
    const known = nodes.replies.get(index);
    if (known?.dataset.whole) return;
    const streamed = known ?? null;
    const node = line("bot");
    node.dataset.whole = "true";
    if (streamed) streamed.replaceWith(node);
    else this.replyNode(nodes, index).replaceWith(node);
    nodes.replies.set(index, node);
    if (reply.text) {
      const body = bubble();
      body.append(render(reply.text));
      if (reply.image && /^https?:/i.test(reply.image)) body.append(shown(reply.image));
      node.append(body);
    }
    if (reply.look_alike) this.addComparison(node, reply.look_alike, photo);
    if (reply.buttons?.length) node.append(this.choices(reply.buttons, nodes));
  }

  async addComparison(node, match, photo) {
    const comparison = await compare(match, photo);
    node.querySelector(".bubble")?.after(comparison) ?? node.append(comparison);
    this.scrollToEnd();
  }

  choices(buttons, nodes) {
    const node = document.createElement("div");
    node.className = "choices";
    node.dataset.eventId = [...this.nodes].find(([, value]) => value === nodes)[0];
    node.append(...buttons.map((choice) => button(choice.title, () => this.onPress(choice))));
    return node;
  }
}

function line(kind) {
  const node = document.createElement("li");
  node.className = kind === "mine" ? "line mine" : "line";
  return node;
}

function bubble(text) {
  const node = document.createElement("div");
  node.className = "bubble";
  if (text !== undefined) node.textContent = text;
  return node;
}

function button(text, onPress, name = "") {
  const node = document.createElement("button");
  node.type = "button";
  node.className = name;
  node.textContent = text;
  node.addEventListener("click", onPress);
  return node;
}

function thumbnail(address) {
  const node = document.createElement("img");
  node.className = "photo";
  node.src = address;
  node.alt = say("yourPhoto");
  return node;
}

function shown(address) {
  const node = document.createElement("img");
  node.className = "shown";
  node.src = address;
  node.alt = "";
  node.loading = "lazy";
  return node;
}
