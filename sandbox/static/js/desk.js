// The developer's part for WeChat's own desk: agents go online, take chats, write, hand over, close.
import { get, post } from "./api.js";
import { byId, make, toast } from "./dom.js";
import { text } from "./texts.js";

const small = (words, act) => {
  const button = make("button", "small-button", words);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
};

export class Desk {
  // current() is the person and the account shown.
  constructor(current) {
    this.current = current;
    byId("kf-add").addEventListener("submit", (event) => {
      event.preventDefault();
      const input = byId("kf-name");
      const prefix = `kf${Date.now() % 1000000}`;
      this.do({ do: "online", kf_account: `${prefix}@${this.current().account.wechat_id}`, nickname: input.value.trim() || prefix });
      input.value = "";
    });
    byId("kf-say").addEventListener("submit", (event) => {
      event.preventDefault();
      const input = byId("kf-words");
      if (input.value.trim()) this.do({ do: "say", kf_account: this.session, openid: this.current().person.openid, text: input.value });
      input.value = "";
    });
  }

  account() {
    return this.current().account?.key ?? "";
  }

  async do(body) {
    try {
      await post("api/kf", { account: this.account(), ...body });
      await this.refresh();
    } catch (error) {
      toast(error.message);
    }
  }

  async refresh() {
    if (!this.current().person) return;
    const { agents, waiting } = await get(`api/kf?account=${encodeURIComponent(this.account())}`);
    const openid = this.current().person.openid;
    this.session = agents.find((one) => one.chats.includes(openid))?.kf_account ?? "";
    byId("kf-say").hidden = !this.session;
    byId("kf-state").textContent = this.session ? text("kfWith")(this.session) : text(waiting.includes(openid) ? "kfWaits" : "kfNone");
    const rows = agents.map((one) => this.row(one, openid));
    const signature = JSON.stringify([agents, waiting, openid, text("language")]);
    if (signature === this.drawn) return;
    this.drawn = signature;
    byId("kf-agents").replaceChildren(...rows);
  }

  row(one, openid) {
    const mine = one.kf_account === this.session;
    const buttons = [small(text(one.online ? "goOffline" : "goOnline"), () => this.do({ do: one.online ? "offline" : "online", kf_account: one.kf_account }))];
    if (mine) buttons.push(small(text("kfClose"), () => this.do({ do: "close", kf_account: one.kf_account, openid })));
    else if (this.session && one.online) buttons.push(small(text("kfSwitch"), () => this.do({ do: "switch", kf_account: this.session, to: one.kf_account, openid })));
    else if (one.online) buttons.push(small(text("kfAccept"), () => this.do({ do: "accept", kf_account: one.kf_account, openid })));
    const name = make("span", "", make("b", one.online ? "online" : "", one.nickname), make("small", "", ` ${one.kf_account} · ${one.chats.length}`));
    return make("li", "", name, make("span", "kf-buttons", ...buttons));
  }
}
