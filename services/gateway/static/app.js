/** The chat page: one conversation, kept in step with the gateway. */

import { ApiProblem, openConversation, readMessages, stopTurn } from "./api.js";
import { Answers } from "./answers.js";
import { overtakes } from "./branches.js";
import { Composer } from "./composer.js";
import { EMPTY, isRunning, listenFrom, reduce } from "./conversation.js";
import { forget, offerHistory, remember } from "./history.js";
import { say, translatePage } from "./i18n.js";
import { Outbox, newClientId, newLine } from "./outbox.js";
import { Stream } from "./stream.js";
import { View, notify, showConnection } from "./view.js";

const KEPT = "switchboard.conversation";
const SILENCE_MS = 25000;
const LOAD_AGAIN_MS = 3000;

class Chat {
  constructor() {
    this.state = EMPTY;
    this.unsent = new Map();
    this.view = new View({
      retry: (line) => this.retry(line),
      discard: (line) => this.discard(line),
      press: (button) => this.press(button),
      regenerate: (eventId) => this.askFor("regenerate", eventId),
      goOn: (eventId) => this.askFor("goOn", eventId),
      rate: (line, helpful) => this.answers.rate(line, helpful),
      remove: (line) => this.askFor("remove", line),
      edit: (line) => this.view.edit(line, (text) => this.edit(line, text)),
    });
    this.composer = new Composer({
      send: (written) => this.say(newLine(written)),
      stop: () => this.stop(),
      problem: notify,
    });
    document.getElementById("new").addEventListener("click", () => this.beginAnew());
    offerHistory({ open: (id) => this.open(id), current: () => this.id });
    window.addEventListener("online", () => this.retryAll());
    setInterval(() => this.watch(), 5000);
  }

  /** Show a conversation: its history first, then what comes. Without an id, or where it is gone, a new one. */
  async open(id) {
    this.stream?.close();
    const visit = (this.visit = Symbol("visit"));
    try {
      const conversation = id ?? (await openConversation());
      const { entries, last_id: lastId } = await readMessages(conversation);
      if (visit === this.visit) this.show(conversation, entries, lastId);
    } catch (problem) {
      if (visit === this.visit) this.openLater(id, problem, visit);
    }
  }

  show(conversation, entries, lastId) {
    this.id = conversation;
    this.closeNotice?.();
    localStorage.setItem(KEPT, conversation);
    this.outbox = new Outbox(conversation, {
      sent: (line, answer) => this.sent(conversation, line, answer),
      failed: (line, problem) => this.failed(conversation, line, problem),
    });
    this.answers = new Answers(conversation, {
      apply: (action) => conversation === this.id && this.apply(action),
      failed: (problem) => conversation === this.id && notify(say("notDone", { why: say(`why_${reason(problem)}`) })),
    });
    this.view.clear();
    this.view.announce(false);
    this.state = entries.reduce((state, { id, entry }) => reduce(state, { type: "entry", id, entry }), EMPTY);
    this.draw();
    this.view.follow();
    requestAnimationFrame(() => this.view.announce(true));
    this.listen(listenFrom(entries, lastId));
    for (const line of this.early?.splice(0) ?? []) this.say(line);
  }

  openLater(id, problem, visit) {
    if (!(problem instanceof ApiProblem)) throw problem;
    if (problem.gone && id) {
      forget(id);
      return this.open(null);
    }
    showConnection(navigator.onLine ? "waiting" : "offline");
    this.closeNotice = notify(say("cannotLoad"));
    setTimeout(() => visit === this.visit && this.open(id), LOAD_AGAIN_MS);
  }

  listen(after) {
    showConnection("connecting");
    this.heard = Date.now();
    this.stream = new Stream(this.id, after, {
      entry: (entry, id) => this.happened(entry, id),
      state: (state) => this.connected(state),
      refused: () => this.check(),
    });
  }

  // A gateway that was away is no reason for the browser to say "online".
  connected(state) {
    showConnection(state);
    if (state === "live") this.retryAll();
  }

  happened(entry, id) {
    this.heard = Date.now();
    this.apply({ type: "entry", entry, id, now: Date.now() });
  }

  apply(action) {
    const next = reduce(this.state, action);
    if (next === this.state) return;
    this.state = next;
    this.drawing ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = null;
    this.view.draw(this.state);
    remember(this.id, this.state);
    this.composer.running = isRunning(this.state, Date.now());
  }

  say(line) {
    // What is written while the page still loads is said as soon as there is a conversation.
    if (!this.id) return void (this.early ??= []).push(line);
    this.closeNotice?.();
    this.apply({ type: "wrote", line });
    this.draw();
    this.view.follow();
    this.post(line);
  }

  press(button) {
    this.say(newLine({ button }));
    this.composer.rest();
  }

  // The button that was pressed goes, and with it the place of the keyboard.
  askFor(what, about) {
    this.answers[what](about);
    this.composer.rest();
  }

  /** Another wording: what came after the line makes way, and an answer that is being given to it ends. */
  async edit(line, text) {
    const stopped = overtakes(this.state, line.eventId) ? stopTurn(this.id, newClientId()).catch(() => null) : null;
    const next = newLine({ text, replaces: line.eventId });
    this.apply({ type: "wrote", line: next });
    this.draw();
    this.view.follow();
    this.composer.rest();
    await stopped; // one that came later would stop the new answer
    this.post(next);
  }

  post(line) {
    this.unsent.set(line.clientId, line);
    this.outbox.send(line);
  }

  sent(conversation, line, { event_id: eventId, outcome }) {
    if (conversation !== this.id) return;
    if (outcome !== "dropped") this.unsent.delete(line.clientId);
    this.apply({ type: "sent", clientId: line.clientId, eventId, outcome, now: Date.now() });
  }

  failed(conversation, line, problem) {
    if (conversation !== this.id) return;
    this.apply({ type: "failed", clientId: line.clientId, problem: reason(problem) });
  }

  retry({ key, problem }) {
    if (problem === "dropped") return this.sayAgain(key);
    this.resend(key);
    this.composer.rest();
  }

  resend(key) {
    this.apply({ type: "resent", clientId: key });
    this.post(this.unsent.get(key));
  }

  // A dropped message stays dropped under its name.
  sayAgain(key) {
    const line = this.unsent.get(key);
    this.discard({ key });
    this.say({ ...line, clientId: newClientId(), at: Date.now() });
  }

  discard({ key }) {
    this.unsent.delete(key);
    this.apply({ type: "discarded", clientId: key });
    this.composer.rest();
  }

  retryAll() {
    const waiting = this.state.lines.filter((line) => line.status === "failed" && line.problem === "offline");
    for (const { key } of waiting) this.resend(key);
  }

  async stop() {
    try {
      await stopTurn(this.id, newClientId(), this.state.drafts.at(-1)?.eventId);
    } catch {
      notify(say("stopFailed"));
    }
  }

  async beginAnew() {
    const before = this.id;
    const wasEmpty = this.state.lines.length === 0;
    this.id = null;
    await this.open(null);
    this.composer.rest();
    if (!before || wasEmpty) return;
    this.closeNotice = notify(say("begun"), { title: say("goBack"), run: () => this.open(before) });
  }

  // A refused stream may mean that the conversation is gone: its history tells.
  async check() {
    const id = this.id;
    await readMessages(id).catch((problem) => problem.gone && id === this.id && this.open(null));
  }

  // A connection can die without a word; while an answer is due, silence is reason to connect anew.
  watch() {
    const running = isRunning(this.state, Date.now());
    this.composer.running = running;
    if (!running || Date.now() - this.heard < SILENCE_MS) return;
    this.heard = Date.now();
    this.stream?.reconnect();
  }
}

function reason(problem) {
  if (problem.status === 0) return "offline";
  if (problem.status === 413) return "tooLarge";
  if (problem.status === 429) return "dropped";
  return problem.status >= 500 ? "busy" : "unknown";
}

translatePage();
const chat = new Chat();
chat.open(localStorage.getItem(KEPT));
chat.composer.rest();
