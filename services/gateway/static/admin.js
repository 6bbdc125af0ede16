/** The page to enroll and remove people, behind the administrator's token. */

import { ApiProblem } from "./api.js";
import { el, icon } from "./dom.js";
import { enroll, listPeople, portraitPath, remove, signIn, signOut } from "./gallery.js";
import { canSay, say, translatePage } from "./i18n.js";
import { objection } from "./photo.js";

const find = (id) => document.getElementById(id);
let people = [];

function tell(text) {
  find("alert").textContent = "";
  find("status").textContent = text;
}

function complain(text) {
  find("status").textContent = "";
  find("alert").textContent = text;
}

/** Does what is asked of the server; what goes wrong is told in words. Gives whether it went well. */
async function attempt(work) {
  try {
    await work();
    return true;
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    if (problem.status === 401) leave();
    if (problem.code === "admin_off") find("sign-in").hidden = true;
    complain(say(canSay(`admin_${problem.code}`) ? `admin_${problem.code}` : "admin_other"));
    return false;
  }
}

async function refresh() {
  people = await listPeople();
  find("sign-in").hidden = true;
  find("office").hidden = false;
  find("sign-out").hidden = false;
  draw();
}

function leave() {
  find("office").hidden = true;
  find("sign-out").hidden = true;
  find("sign-in").hidden = false;
  find("people").replaceChildren();
  tell("");
  find("token").focus();
}

/** The people as they are to be listed; they come from the server by name. */
function ordered() {
  const order = find("order").value;
  if (order === "never") return people.filter((one) => !one.found);
  return order === "found" ? people.toSorted((one, other) => other.found - one.found) : people;
}

function draw() {
  const wanted = find("search").value.trim().toLocaleLowerCase();
  const shown = ordered().filter((one) => `${one.name} ${one.alias} ${one.role}`.toLocaleLowerCase().includes(wanted));
  const never = people.filter((one) => !one.found).length;
  find("count").textContent = say("count", { count: people.length });
  find("found").textContent = say("foundOf", { found: people.length - never, never });
  for (const id of ["search", "order", "found"]) find(id).hidden = people.length === 0;
  find("nobody").hidden = shown.length > 0;
  find("nobody").textContent = say(nobodyWhy(wanted));
  find("people").replaceChildren(...shown.map(personItem));
}

function nobodyWhy(wanted) {
  if (!people.length) return "nobody";
  return wanted ? "none" : "noneNever";
}

function foundWords({ found }) {
  if (!found) return say("foundNever");
  return say(found === 1 ? "foundOnce" : "foundTimes", { count: found });
}

function personItem(person) {
  const about = [person.role, person.alias].filter(Boolean).join(" · ");
  const origin = [person.licence, person.source].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    portrait(person),
    el(
      "div",
      {},
      el("h3", {}, person.name),
      about ? el("p", {}, about) : null,
      origin ? el("p", {}, origin) : null,
      el("p", { class: person.found ? "found" : "found never" }, foundWords(person)),
    ),
    el("button", { type: "button", class: "round", "aria-label": say("removeNamed", { name: person.name }), title: say("remove"), onclick: () => askRemoval(person) }, icon("close")),
  );
}

function portrait(person) {
  const blank = () => el("span", { class: "portrait" }, icon("person"));
  if (!person.photo) return blank();
  const image = el("img", { class: "portrait", src: portraitPath(person.id), alt: say("portrait", { name: person.name }), loading: "lazy", width: 72, height: 72 });
  image.addEventListener("error", () => image.replaceWith(blank()));
  return image;
}

function askRemoval(person) {
  const dialog = find("confirm");
  find("confirm-question").textContent = say("removeQuestion", { name: person.name });
  dialog.returnValue = "";
  dialog.onclose = () => dialog.returnValue === "remove" && removePerson(person);
  dialog.showModal();
}

async function removePerson(person) {
  const done = await attempt(async () => {
    await remove(person.id);
    await refresh();
  });
  if (done) tell(say("removed", { name: person.name }));
  else if (!find("office").hidden) await attempt(refresh);
  find("search").focus();
}

async function enrollPerson(event) {
  event.preventDefault();
  const form = find("enroll");
  const missing = formObjection();
  if (missing) return complain(missing);
  const button = find("enroll-button");
  button.disabled = true;
  tell(say("enrolling"));
  await attempt(async () => {
    const { identity, faces_found: count } = await enroll(new FormData(form));
    form.reset();
    preview();
    await refresh();
    tell(say(count > 1 ? "severalFaces" : "enrolled", { name: identity.name, count }));
    find("name").focus();
  });
  button.disabled = false;
}

function formObjection() {
  const [file] = find("photo").files;
  if (!file) return say("unknownPhoto");
  return objection(file) ?? (find("name").value.trim() ? null : say("nameMissing"));
}

function preview() {
  const [file] = find("photo").files;
  const image = find("preview");
  URL.revokeObjectURL(image.src);
  image.hidden = !file;
  if (file) image.src = URL.createObjectURL(file);
  const problem = file && objection(file);
  if (problem) complain(problem);
  else find("alert").textContent = "";
}

translatePage();
find("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const signedIn = await attempt(async () => {
    await signIn(find("token").value);
    await refresh();
  });
  if (signedIn) {
    find("token").value = "";
    tell("");
    find("name").focus();
  }
});
find("sign-out").addEventListener("click", async () => {
  if (await attempt(signOut)) leave();
});
find("enroll").addEventListener("submit", enrollPerson);
find("photo").addEventListener("change", preview);
find("preview").addEventListener("error", () => { find("preview").hidden = true; });
find("search").addEventListener("input", draw);
find("order").addEventListener("change", draw);
refresh().catch(() => leave());
