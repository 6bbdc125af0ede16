// The admin page: enroll, list and remove people, with the admin token kept for this tab only.

const KEPT = "switchboard-admin-token";
const page = (id) => document.getElementById(id);
const PLAIN = {
  unauthorized: "This token is not the one in ADMIN_TOKEN.",
  admin_off: "The admin pages are off. Set ADMIN_TOKEN and start again.",
  no_face: "No face was found on this photo. Take one with the face in full view.",
  photo_unreadable: "This file cannot be read as a picture.",
  photo_unsupported: "Pictures of this format cannot be read. Use JPEG or PNG.",
  photo_too_large: "This photo is too large: under 10 MB and 40 megapixels, please.",
  too_large: "This photo is too large: under 10 MB and 40 megapixels, please.",
  busy: "Many photos are waiting. Try again in a moment.",
  face_down: "The face service does not answer. Try again in a moment.",
};

async function ask(method, path, body) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEPT) ?? ""}` };
  const answer = await fetch(`/api/v1/admin/identities${path}`, { method, body, headers }).catch(() => null);
  if (!answer) throw new Error("The server cannot be reached.");
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const problem = await answer.json().catch(() => ({}));
  const code = problem.code ?? (answer.status === 413 ? "too_large" : "");
  throw new Error(PLAIN[code] ?? problem.title ?? `Error ${answer.status}`);
}

function tell(text, wrong = "") {
  page("said").textContent = text;
  page("wrong").textContent = wrong;
}

async function enter() {
  try {
    const { identities } = await ask("GET", "");
    page("enter").hidden = true;
    page("inside").hidden = page("leave").hidden = false;
    page("nobody").hidden = identities.length > 0;
    page("people").replaceChildren(...identities.map(row));
    return true;
  } catch (error) {
    tell("", error.message);
    leave();
    return false;
  }
}

function leave() {
  sessionStorage.removeItem(KEPT);
  page("enter").hidden = false;
  page("inside").hidden = page("leave").hidden = true;
  page("token").value = "";
}

function row(person) {
  const node = document.createElement("li");
  const image = document.createElement("img");
  image.alt = "";
  image.src = person.photo ? `/api/v1/galleries/default/identities/${person.id}/photo` : "/static/icon.svg";
  const text = document.createElement("p");
  text.textContent = person.name;
  const more = document.createElement("small");
  more.textContent = [person.role, person.alias, person.licence].filter(Boolean).join(" · ");
  text.append(more);
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "Remove";
  remove.setAttribute("aria-label", `Remove ${person.name}`);
  remove.addEventListener("click", () => removePerson(person));
  node.append(image, text, remove);
  return node;
}

async function removePerson(person) {
  if (!confirm(`Remove ${person.name} and the photo?`)) return;
  try {
    await ask("DELETE", `/${person.id}`);
    tell(`${person.name} is removed.`);
  } catch (error) {
    tell("", error.message);
  }
  await enter();
}

page("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEPT, page("token").value);
  tell("");
  if (await enter()) page("name").focus();
});

page("enroll").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  button.disabled = true;
  tell("Looking at the photo…");
  try {
    const { identity, faces_found: faces } = await ask("POST", "", new FormData(form));
    form.reset();
    const several = faces > 1 ? ` The photo shows ${faces} faces; the largest was taken.` : "";
    tell(`${identity.name} is enrolled.${several}`);
    await enter();
  } catch (error) {
    tell("", error.message);
  } finally {
    button.disabled = false;
  }
});

page("leave").addEventListener("click", leave);
if (sessionStorage.getItem(KEPT)) enter();
