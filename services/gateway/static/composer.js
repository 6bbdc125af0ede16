/** Where the person writes: grows with the text, Enter sends, Shift+Enter breaks the line. */

import { say } from "./i18n.js";
import { charactersOver, fit, sendsBy } from "./typing.js";
import { PhotoTray, acceptPhotos } from "./photo.js";

const find = (id) => document.getElementById(id);

/** `on` has send({text, photo}), stop() and problem(text). */
export class Composer {
  constructor(on) {
    this.on = on;
    this.form = find("composer");
    this.text = find("text");
    this.button = find("send");
    this.tray = new PhotoTray(
      { tray: find("tray"), image: find("tray-image"), caption: find("tray-caption"), remove: find("tray-remove"), input: find("photo-input") },
      { changed: () => this.#photoChanged(), problem: on.problem },
    );
    acceptPhotos(document.body, this.tray);
    find("photo-button").addEventListener("click", () => find("photo-input").click());
    find("stop").addEventListener("click", () => this.#stop());
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.text.addEventListener("input", () => this.#changed());
    this.text.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("keydown", (event) => this.#escaped(event));
    this.#changed();
  }

  /** Shows the stop button while a turn runs. */
  set running(running) {
    const stop = find("stop");
    if (stop.hidden !== running) return;
    const focused = document.activeElement === stop;
    stop.hidden = !running;
    if (focused) this.rest();
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  /** Where the keyboard goes when its button is gone; on a phone that would call up the keys, so it does not. */
  rest() {
    if (window.matchMedia("(pointer: fine)").matches) this.focus();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    const photo = this.tray.file;
    if (!this.#ready(text, photo)) return;
    this.text.value = "";
    this.on.send({ text, photo });
    this.tray.clear();
    this.#changed();
    this.focus();
  }

  #ready(text, photo) {
    return (text || photo) && charactersOver(text) <= 0;
  }

  #pressed(event) {
    if (!sendsBy(event)) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #escaped(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (this.tray.file) this.tray.clear();
    else if (!find("stop").hidden) this.#stop();
  }

  #stop() {
    this.on.stop();
    this.rest();
  }

  #photoChanged() {
    this.#changed();
    this.focus();
  }

  #changed() {
    const text = this.text.value.trim();
    const over = charactersOver(text);
    find("too-long").textContent = over > 0 ? say("tooLong", { count: over }) : "";
    this.button.disabled = !this.#ready(text, this.tray.file);
    fit(this.text);
  }
}
