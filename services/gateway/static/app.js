// The chat page: puts the conversation's state, its stream, the view and the composer together.

import { clientId, Failure, openConversation, readHistory, sendMessage, stopTurn, uploadPhoto } from "./api.js";
import { Composer } from "./composer.js";
import { apply, emptyConversation, isRunning, lastTurn, sayLocally } from "./conversation.js";
import { say, translate } from "./i18n.js";
import { follow } from "./stream.js";
import { View } from "./view.js";

const KEPT = "switchboard-conversation";
const ALERT_MS = 6000;
const page = (id) => document.getElementById(id);

let id = "";
let state = emptyConversation();
let unfollow = () => {};
const photos = new Map(); // event id -> address of the person's own copy
const unsent = new Map(); // event id -> what to send again

const view = new View(page("log"), page("stage"), pressed, again);
const composer = new Composer(page("composer"), send, stop, complain);

async function open(fresh = false) {
  unfollow();
  page("status").textContent = say("connecting");
  state = emptyConversation();
  view.clear();
  composer.setRunning(false);
  id = fresh ? "" : (localStorage.getItem(KEPT) ?? "");
  const history = id ? await readHistory(id).catch(forgetUnknown) : null;
  if (!id) {
    id = await openConversation();
    localStorage.setItem(KEPT, id);
  }
  for (const { id: entryId, entry } of history?.entries ?? []) take(entryId, entry);
  if (history) state.lastId = history.last_id;
  unfollow = follow(id, () => state.lastId, take, (name) => (page("status").textContent = say(name)));
}

function forgetUnknown(failure) {
  if (![401, 404, 422].includes(failure.status)) throw failure;
  id = ""; // another person's, or its key has changed: begin anew
  return null;
}

async function openPatiently(fresh) {
  try {
    await open(fresh);
  } catch {
    page("status").textContent = say(navigator.onLine ? "lost" : "offline");
    setTimeout(() => openPatiently(fresh), 2000);
  }
}

function take(entryId, entry) {
  const turn = apply(state, entryId, entry);
  if (turn) draw(turn);
}

function draw(turn) {
  view.draw(turn, photos.get(turn.eventId));
  view.keepChoicesOf(lastTurn(state)?.eventId);
  const running = isRunning(state);
  composer.setRunning(running);
  page("typing").hidden = !running || [...state.turns.values()].some((other) => other.partial.size);
  if (!page("typing").hidden) view.scrollToEnd();
}

function send(text, photo) {
  speak(text, { text }, photo);
}

function pressed(choice) {
  speak(choice.title, { text: "", payload: choice.payload, title: choice.title });
}

function speak(shown, message, photo = null) {
  const client = clientId();
  const eventId = `web:${id}:${client}`;
  if (photo) photos.set(eventId, photo.address);
  unsent.set(eventId, { conversation: id, message: { client_id: client, ...message }, photo });
  draw(sayLocally(state, eventId, { text: shown, hasPhoto: Boolean(photo) }));
  deliver(eventId);
}

async function deliver(eventId) {
  const { conversation, message, photo } = unsent.get(eventId);
  try {
    if (photo) message.photo_id ??= await uploadPhoto(conversation, photo.file);
    const answer = await sendMessage(conversation, message);
    unsent.delete(eventId);
    if (answer.outcome === "dropped") complain(say("dropped"));
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    const turn = state.turns.get(eventId);
    if (!turn || turn.said?.state === "sent") return;
    turn.said.state = "failed";
    draw(turn);
    complain(say({ 413: "tooLarge", 429: "dropped", 503: "down" }[failure.status] ?? "lost"));
  }
}

function again(eventId) {
  const turn = state.turns.get(eventId);
  turn.said.state = "pending";
  draw(turn);
  deliver(eventId);
}

function stop() {
  stopTurn(id, clientId()).catch(() => complain(say("down")));
}

let quiet = 0;
function complain(text) {
  page("alert").textContent = text;
  page("alert").hidden = false;
  clearTimeout(quiet);
  quiet = setTimeout(() => (page("alert").hidden = true), ALERT_MS);
}

translate(document);
page("fresh").addEventListener("click", () => openPatiently(true));
openPatiently(false);
page("text").focus();
