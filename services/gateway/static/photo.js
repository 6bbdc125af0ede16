/** The one photo that waits beside the message: chosen, pasted or dropped, shown, removed. */

import { say } from "./i18n.js";

const MOST_BYTES = 10_000_000;
const PHOTO_NAME = /\.(jpe?g|png|webp|gif|avif|heic|heif|tiff?|bmp)$/i;

/** Why a file cannot be sent, in words; null when it can. */
export function objection(file) {
  if (!file.type.startsWith("image/") && !PHOTO_NAME.test(file.name)) return say("notAPhoto");
  if (file.size === 0) return say("photoEmpty");
  if (file.size > MOST_BYTES) return say("photoTooLarge", { size: (Math.ceil(file.size / 100_000) / 10).toFixed(1) });
  return null;
}

/** Keeps the photo and its preview. `on` has changed() and problem(text). */
export class PhotoTray {
  constructor({ tray, image, caption, remove, input }, on) {
    this.file = null;
    this.parts = { tray, image, caption, input };
    this.on = on;
    remove.addEventListener("click", () => this.clear());
    image.addEventListener("error", () => { image.hidden = true; });
    input.addEventListener("change", () => this.offer(input.files));
  }

  /** Take the first photo of some files; false when there is none at all. */
  offer(files) {
    const [file, ...others] = files;
    if (!file) return false;
    const problem = objection(file);
    if (problem) this.on.problem(problem);
    else this.#take(file);
    if (!problem && others.length) this.on.problem(say("onePhoto"));
    this.parts.input.value = "";
    return true;
  }

  clear() {
    if (!this.file) return;
    this.file = null;
    URL.revokeObjectURL(this.parts.image.src);
    this.parts.image.removeAttribute("src");
    this.parts.tray.hidden = true;
    this.on.changed();
  }

  #take(file) {
    this.clear();
    this.file = file;
    this.parts.image.hidden = false;
    this.parts.image.src = URL.createObjectURL(file);
    this.parts.caption.textContent = say("photoReady", { name: file.name || say("photo") });
    this.parts.tray.hidden = false;
    this.on.changed();
  }
}

/** Lets photos be pasted and dropped anywhere on the page. */
export function acceptPhotos(page, tray) {
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  const show = (change) => {
    depth = Math.max(0, depth + change);
    page.classList.toggle("dropping", depth > 0);
  };
  page.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (tray.offer(files)) event.preventDefault();
  });
  page.addEventListener("dragenter", (event) => carries(event) && show(1));
  page.addEventListener("dragleave", (event) => carries(event) && show(-1));
  page.addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  page.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    show(-depth);
    tray.offer(event.dataTransfer.files);
  });
}
