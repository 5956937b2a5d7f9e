// The bar below: menu keys or keyboard, emoji, other kinds of message.
import { byId, icon, make } from "./dom.js";
import { Menu } from "./menu.js";
import { scan, sendLink, sendPicture, sendPlace, sendVideo, sendVoice } from "./sending.js";
import { text } from "./texts.js";

const EMOJI = [..."😀😄😊😂🤣🙂😉😍😘🤔😅😓😢😭😡😴🙄😱🤝👍👎👌👏🙏💪🌹🎉❤️💔☕🌞🌙📱💰📶✅❌❓"].filter((sign) => sign !== "\ufe0f");

// Signs this machine has no glyph for are left out: they all look like the one that nobody has.
const drawable = (signs) => {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const look = (sign) => {
    canvas.width = canvas.height = 32;
    pen.font = `20px ${getComputedStyle(document.body).fontFamily}`;
    pen.fillText(sign, 2, 24);
    return pen.getImageData(0, 0, 32, 32).data.join();
  };
  const missing = look("\u{10fffd}");
  return signs.filter((sign) => look(sign) !== missing);
};

const EXTRAS = [
  ["image", "M4 6h20v16H4zM4 18l6-6 5 5 3-3 6 5M18 10.500h.01", sendPicture],
  ["video", "M4 8h13v12H4zM17 12l7-4v12l-7-4", sendVideo],
  ["voice", "M14 4a3.5 3.5 0 0 1 3.5 3.500v6a3.5 3.5 0 0 1-7 0v-6A3.5 3.5 0 0 1 14 4zM6.5 13.500a7.5 7.5 0 0 0 15 0M14 21v4", sendVoice],
  ["location", "M14 25s8-7.5 8-13.500a8 8 0 0 0-16 0C6 17.5 14 25 14 25zM14 14a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z", sendPlace],
  ["link", "M12 16a4.5 4.5 0 0 0 6.5 0l3.5-3.500a4.6 4.6 0 0 0-6.5-6.500L14 7.500M16 12a4.5 4.5 0 0 0-6.5 0L6 15.500a4.6 4.6 0 0 0 6.5 6.500L14 20.5", sendLink],
  ["scan", "M5 10V5h5M18 5h5v5M23 18v5h-5M10 23H5v-5M5 14h18", scan],
];

export class Composer {
  // send(body, file) does one thing at the scripting door; it resolves to false when it was refused. account() is the account's key.
  constructor(send, account) {
    this.send = send;
    this.account = account;
    this.menu = new Menu(send);
    this.input = byId("input");
    this.drafts = new Map();
    byId("composer").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    byId("send").addEventListener("mousedown", (event) => event.preventDefault());
    this.input.addEventListener("input", () => this.fit());
    this.input.addEventListener("focus", () => this.openDrawer(null));
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    byId("to-keyboard").addEventListener("click", () => { this.choose("keyboard"); this.input.focus(); });
    byId("to-menu").addEventListener("click", () => this.choose("menu"));
    byId("emoji-toggle").addEventListener("click", () => this.openDrawer("emoji-drawer"));
    byId("plus-toggle").addEventListener("click", () => this.openDrawer("plus-drawer"));
    this.fillEmoji();
    this.translate();
  }

  // Enter sends; Shift+Enter breaks the line. While an input method composes, Enter belongs to it: keyCode 229 is how Safari says so.
  onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  async submit() {
    const words = this.input.value;
    if (!words.trim()) return;
    this.setWords("");
    if (await this.send({ text: words }) === false && !this.input.value) this.setWords(words);
  }

  setWords(words) {
    this.input.value = words;
    this.fit();
  }

  insert(words) {
    const { selectionStart, selectionEnd } = this.input;
    this.input.setRangeText(words, selectionStart, selectionEnd, "end");
    this.fit();
  }

  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 122)}px`;
    const empty = !this.input.value.trim();
    byId("send").hidden = empty;
    byId("plus-toggle").hidden = !empty;
  }

  choose(bar) {
    localStorage.setItem("sandbox.bar", bar);
    this.showKeyboard(bar === "keyboard");
  }

  showKeyboard(shown) {
    byId("menu-bar").hidden = shown;
    byId("composer").hidden = !shown;
    if (!shown) this.openDrawer(null);
    else this.fit();
  }

  openDrawer(id) {
    for (const drawer of ["emoji-drawer", "plus-drawer"]) byId(drawer).hidden = drawer !== id || !byId(drawer).hidden;
  }

  switchPerson(from, to, menu) {
    if (from) this.drafts.set(from, this.input.value);
    this.setWords(this.drafts.get(to) ?? "");
    this.showMenu(menu);
  }

  showMenu(menu) {
    this.menu.draw(menu);
    this.showKeyboard(menu.length === 0 || localStorage.getItem("sandbox.bar") !== "menu");
    byId("to-menu").hidden = menu.length === 0;
  }

  fillEmoji() {
    byId("emoji-drawer").replaceChildren(...drawable(EMOJI).map((sign) => {
      const button = make("button", "", sign);
      button.type = "button";
      button.addEventListener("click", () => this.insert(sign));
      return button;
    }));
  }

  translate() {
    byId("plus-drawer").replaceChildren(...EXTRAS.map(([name, path, act]) => {
      const button = make("button", "", make("i", "", icon(path, 28)), text(name));
      button.type = "button";
      button.dataset.extra = name;
      button.addEventListener("click", () => { this.openDrawer(null); act(this.send, ...(act === scan ? [this.account()] : [])); });
      return button;
    }));
  }
}
