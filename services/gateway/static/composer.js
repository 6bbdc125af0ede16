// The message field: text, a photo by button, paste or drop, and the keys that people expect.

import { say } from "./i18n.js";

const MOST_BYTES = 10_000_000;

export class Composer {
  constructor(root, onSend, onStop, onComplain) {
    const find = (id) => root.querySelector(`#${id}`);
    Object.assign(this, { root, onSend, onStop, onComplain, photo: null });
    this.text = find("text");
    this.file = find("file");
    this.preview = find("preview");
    this.image = find("preview-image");
    this.name = find("preview-name");
    this.stop = find("stop");
    root.addEventListener("submit", (event) => this.submit(event));
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("input", () => this.grow());
    find("photo").addEventListener("click", () => this.file.click());
    find("preview-remove").addEventListener("click", () => this.removePhoto());
    this.stop.addEventListener("click", () => onStop());
    this.file.addEventListener("change", () => this.take(this.file.files[0]));
    addEventListener("paste", (event) => this.pasted(event));
    for (const name of ["dragover", "dragleave", "drop"]) addEventListener(name, (event) => this.dragged(event));
  }

  setRunning(running) {
    this.stop.hidden = !running;
  }

  submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (!text && !this.photo) return;
    this.onSend(text, this.photo);
    this.text.value = "";
    this.grow();
    this.removePhoto();
    this.text.focus();
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method is still choosing characters
    if (event.key === "Enter" && !event.shiftKey) this.submit(event);
    if (event.key !== "Escape") return;
    if (this.photo) this.removePhoto();
    else if (!this.stop.hidden) this.onStop();
  }

  grow() {
    this.text.rows = Math.min(8, this.text.value.split("\n").length);
  }

  take(file) {
    if (!file) return;
    if (!file.type.startsWith("image/")) return this.onComplain(say("notPicture"));
    if (file.size > MOST_BYTES) return this.onComplain(say("tooLarge"));
    this.removePhoto();
    this.photo = { file, address: URL.createObjectURL(file) };
    this.image.src = this.photo.address;
    this.name.textContent = file.name;
    this.preview.hidden = false;
    this.text.focus();
  }

  removePhoto() {
    this.photo = null;
    this.file.value = "";
    this.image.removeAttribute("src");
    this.preview.hidden = true;
  }

  pasted(event) {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (!file) return;
    event.preventDefault();
    this.take(file);
  }

  dragged(event) {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", event.type === "dragover");
    if (event.type === "drop") this.take(event.dataTransfer.files[0]);
  }
}
