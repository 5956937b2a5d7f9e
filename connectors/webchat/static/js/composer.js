// The field: Enter sends, Shift+Enter is a new line, an input method's Enter is its own; the draft outlives a reload.
import { say } from "./texts.js";

const WARN_AT = 200;

export class Composer {
  constructor(drawer, send) {
    this.drawer = drawer;
    this.form = document.getElementById("composer");
    this.field = document.getElementById("text");
    this.button = document.getElementById("send");
    this.count = document.getElementById("count");
    this.longest = this.field.maxLength;
    // pasting more than fits must not cut it off unseen
    this.field.removeAttribute("maxlength");
    this.field.value = drawer.get("draft") || "";
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.button.disabled) return;
      const text = this.field.value;
      this.field.value = "";
      this.changed();
      this.field.focus();
      send(text);
    });
    this.changed();
  }

  changed() {
    const text = this.field.value;
    const left = this.longest - [...text].length;
    if (text) this.drawer.put("draft", text);
    else this.drawer.drop("draft");
    this.button.disabled = !text.trim() || left < 0;
    this.count.hidden = left > WARN_AT;
    this.count.textContent = this.count.hidden ? "" : say("left", left);
    this.count.classList.toggle("bad", left < 0);
    this.field.setAttribute("aria-invalid", String(left < 0));
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  clear() {
    this.field.value = "";
    this.changed();
  }

  show(shown) {
    this.form.hidden = !shown;
  }

  focus() {
    // on a phone the keyboard would cover what is to be read first
    if (matchMedia("(pointer: fine)").matches) this.field.focus();
  }
}
