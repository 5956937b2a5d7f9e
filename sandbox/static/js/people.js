// Who is played, and with which account.
import { get, post } from "./api.js";
import { byId, make, personAvatar, toast } from "./dom.js";
import { text } from "./texts.js";

const STRANGERS_SHOWN = 10;

export class People {
  // onSwitch(person, account) is called whenever another phone is shown.
  constructor(onSwitch) {
    this.onSwitch = onSwitch;
    this.people = [];
    this.accounts = [];
    byId("switch-person").addEventListener("click", () => byId("people").classList.toggle("open"));
    byId("people-close").addEventListener("click", () => this.close());
    // On a small screen the list lies over the phone; a tap beside it closes it.
    byId("phone").addEventListener("click", (event) => { if (!event.target.closest("#switch-person, #sheet")) this.close(); });
    byId("add-person").addEventListener("click", () => this.addPerson());
  }

  async load() {
    const { people, accounts } = await get("api/people");
    this.people = people;
    this.accounts = accounts;
    const [account, openid] = decodeURIComponent(location.hash.slice(1)).split("/");
    this.account = accounts.find((one) => one.key === account) ?? accounts[0];
    this.show(people.find((one) => one.openid === openid) ?? this.listed()[0] ?? await this.create());
  }

  async create() {
    const person = await post("api/people", { following: false });
    this.people.push(person);
    return person;
  }

  async addPerson() {
    try {
      this.show(await this.create());
    } catch (error) {
      toast(error.message);
    }
  }

  show(person) {
    this.person = person;
    history.replaceState(null, "", `#${encodeURIComponent(this.account.key)}/${encodeURIComponent(person.openid)}`);
    this.draw();
    this.close();
    this.onSwitch(person, this.account);
  }

  // Those somebody named, then the last few whom only a script knows; all of this account.
  listed() {
    const here = this.people.filter((person) => !person.account || person.account === this.account.key || person === this.person);
    return [...here.filter((person) => !person.stranger), ...here.filter((person) => person.stranger).slice(-STRANGERS_SHOWN)];
  }

  close() {
    byId("people").classList.remove("open");
  }

  draw() {
    byId("person-list").replaceChildren(...this.listed().map((person) => {
      const who = make("span", "who", make("b", "", person.name), make("small", "", person.phone || text("noPhone")));
      const button = make("button", "", personAvatar(person), who);
      button.setAttribute("aria-current", String(person === this.person));
      button.dataset.openid = person.openid;
      button.addEventListener("click", () => this.show(person));
      return make("li", "", button);
    }));
    document.querySelector('#person-list [aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    const box = byId("accounts");
    box.hidden = this.accounts.length < 2;
    if (box.hidden) return;
    const select = make("select", "", ...this.accounts.map((account) => new Option(account.name, account.key, false, account === this.account)));
    select.setAttribute("aria-label", text("account"));
    select.addEventListener("change", () => {
      this.account = this.accounts.find((one) => one.key === select.value);
      this.show(this.listed().find((person) => person.account === this.account.key) ?? this.person);
    });
    box.replaceChildren(select);
  }
}
