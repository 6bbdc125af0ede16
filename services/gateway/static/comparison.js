/** Two faces side by side: the person's, cut from the copy that the page still has, and the enrolled one. */

import { el } from "./dom.js";
import { say } from "./i18n.js";
import { isSafe } from "./inline.js";

const SIDE = 360;
const MARGIN = 1.9;

/** The square around a face, in the picture's pixels, moved inside the picture where it can be. */
export function cropOf(box, size) {
  const side = Math.min(Math.max(box.width, box.height) * MARGIN, Math.min(size.width, size.height));
  const place = (start, length, whole) => Math.min(Math.max(start + length / 2 - side / 2, 0), whole - side);
  return { left: place(box.left, box.width, size.width), top: place(box.top, box.height, size.height), side };
}

/** A figure for a look-alike; `picture` is the address of the person's own photo, or null after a reload. */
export function comparison(found, picture) {
  const name = found.name;
  const faces = el("div", { class: "faces" });
  const theirs = found.photo_url && found.photo_box && found.photo_size;
  if (picture) faces.append(face(picture, found.face, found.image, say("yourPhoto"), found.turn ?? 0));
  if (theirs) faces.append(face(found.photo_url, found.photo_box, found.photo_size, name));
  const percent = String(found.percent);
  return el(
    "figure",
    { class: "comparison", "aria-label": say("comparison", { name, percent }) },
    faces.childElementCount ? faces : null,
    el("figcaption", {}, nameOf(found), meter(found.percent), el("span", {}, say("percentAlike", { percent }))),
  );
}

function nameOf({ name, url }) {
  const strong = el("strong", {}, name);
  if (!url || !isSafe(url)) return strong;
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, strong);
}

function face(address, box, size, label, turn = 0) {
  const canvas = el("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": label });
  const shown = el("div", { class: "face" }, canvas, el("span", { "aria-hidden": "true" }, label));
  const image = new Image();
  image.onload = () => draw(canvas, image, box, size, turn);
  // A kind of picture that this browser cannot show, or one that is gone, leaves no hole.
  image.onerror = () => shown.remove();
  image.src = address;
  return shown;
}

function draw(canvas, image, box, size, turn) {
  const { left, top, side } = cropOf(box, size);
  const scale = image.naturalWidth / size.width;
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  const half = SIDE / 2;
  pen.translate(half, half);
  pen.rotate((turn * Math.PI) / 180);
  pen.drawImage(image, left * scale, top * scale, side * scale, side * scale, -half, -half, SIDE, SIDE);
  canvas.classList.add("drawn");
}

function meter(percent) {
  const bar = el("span", { class: "bar" });
  bar.style.width = `${percent}%`;
  return el("span", { class: "meter", "aria-hidden": "true" }, bar);
}
