// A person's face beside the enrolled one, cut out here: the person's photo never comes back from the server.

import { say } from "./i18n.js";

const SIDE = 300;
const AROUND = 0.45; // of the face's size, on each side

async function picture(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}

function draw(canvas, image, size, box) {
  const scale = image.naturalWidth / size.width;
  const around = Math.max(box.width, box.height) * (1 + 2 * AROUND);
  const side = Math.min(around, size.width, size.height);
  const left = Math.min(Math.max(box.left + box.width / 2 - side / 2, 0), size.width - side);
  const top = Math.min(Math.max(box.top + box.height / 2 - side / 2, 0), size.height - side);
  canvas.width = canvas.height = SIDE;
  canvas.getContext("2d").drawImage(image, left * scale, top * scale, side * scale, side * scale, 0, 0, SIDE, SIDE);
}

async function face(address, size, box, caption, label) {
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  draw(canvas, await picture(address), size, box);
  const text = document.createElement("figcaption");
  text.textContent = caption;
  figure.append(canvas, text);
  return figure;
}

// The comparison as a node. `photo` is the address of the local copy; null after a reload.
export async function compare(match, photo) {
  const node = document.createElement("div");
  node.className = "compare";
  const percent = document.createElement("p");
  percent.className = "percent";
  percent.textContent = `${match.percent}%`;
  percent.setAttribute("aria-label", say("percent", { percent: match.percent }));
  const parts = [];
  if (photo) parts.push(await face(photo, match.image, match.face, say("you"), say("yourPhoto")).catch(() => null));
  parts.push(percent);
  if (match.photo_url && match.photo_box) {
    const label = say("photoOf", { name: match.name });
    parts.push(await face(match.photo_url, match.photo_size, match.photo_box, match.name, label).catch(() => null));
  }
  node.append(...parts.filter(Boolean));
  return node;
}
