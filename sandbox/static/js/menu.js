// The account's menu at the bottom: keys, lists above them, and what a tap of each type does.
import { byId, make, toast } from "./dom.js";
import { scanForMenu, sendPicture, sendPlace } from "./sending.js";
import { text } from "./texts.js";

const open = (address) => window.open(address, "_blank", "noopener");

const DEEDS = {
  click: (send, one) => send({ kind: "click", key: one.key, name: one.name }),
  view: (send, one) => { send({ kind: "view", key: one.url, name: one.name }); open(one.url); },
  miniprogram: (send, one) => send({ kind: "view_miniprogram", key: one.pagepath, name: one.name }),
  scancode_push: (send, one) => scanForMenu(send, "scancode_push", { key: one.key, name: one.name }),
  scancode_waitmsg: (send, one) => scanForMenu((body) => { toast(text("receiving")); return send(body); }, "scancode_waitmsg", { key: one.key, name: one.name }),
  pic_sysphoto: (send, one) => sendPicture(send, "pic_sysphoto", { key: one.key, name: one.name }),
  pic_photo_or_album: (send, one) => sendPicture(send, "pic_photo_or_album", { key: one.key, name: one.name }),
  pic_weixin: (send, one) => sendPicture(send, "pic_weixin", { key: one.key, name: one.name }),
  location_select: (send, one) => sendPlace(send, "location_select", { key: one.key, name: one.name }),
};

export class Menu {
  // send(body, file) does one thing at the scripting door.
  constructor(send) {
    this.send = send;
    document.addEventListener("click", (event) => { if (!event.target.closest("#menu-keys, #menu-list")) this.closeList(); });
    addEventListener("keydown", (event) => { if (event.key === "Escape") this.closeList(); });
  }

  draw(buttons) {
    this.closeList();
    byId("menu-keys").replaceChildren(...buttons.map((one) => {
      const below = one.sub_button?.length > 0;
      const button = make("button", below ? "has-list" : "", make("span", "", one.name));
      button.type = "button";
      button.addEventListener("click", () => (below ? this.toggleList(button, one) : this.tap(one)));
      return button;
    }));
  }

  toggleList(button, one) {
    const list = byId("menu-list");
    if (!list.hidden && this.opened === one) { this.closeList(); return; }
    this.opened = one;
    list.replaceChildren(...one.sub_button.map((sub) => {
      const entry = make("button", "", sub.name);
      entry.type = "button";
      entry.addEventListener("click", () => { this.closeList(); this.tap(sub); });
      return entry;
    }));
    list.hidden = false;
    const phone = byId("phone").getBoundingClientRect();
    const key = button.getBoundingClientRect();
    const middle = key.left + key.width / 2 - phone.left - byId("phone").clientLeft;
    const half = list.offsetWidth / 2;
    list.style.left = `${Math.max(8, Math.min(middle - half, byId("phone").clientWidth - 2 * half - 8))}px`;
  }

  closeList() {
    byId("menu-list").hidden = true;
    this.opened = null;
  }

  tap(one) {
    const deed = DEEDS[one.type];
    if (deed) deed(this.send, one);
    else toast(text("noEvent"));
  }
}
