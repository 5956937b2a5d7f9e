// Puts the parts together: who the visitor is, what was said, what is on its way, and how it ends.
import { Api, CallFailed } from "./api.js";
import { Composer } from "./composer.js";
import { Frame } from "./frame.js";
import { Drawer, lasting } from "./keep.js";
import { Live } from "./live.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { fillIn, say } from "./texts.js";

const { account, name } = document.body.dataset;
const RENEW_MS = 24 * 3600 * 1000;
const AGAIN_MS = [500, 1000, 2000, 4000, 8000, 15000];
const byId = (id) => document.getElementById(id);
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); addEventListener("online", done, { once: true }); });

class App {
  constructor() {
    fillIn();
    this.drawer = new Drawer(account);
    this.frame = new Frame({ shown: () => { this.log.toEnd(); this.composer.focus(); } });
    this.unread = 0;
    this.api = new Api(location.pathname, this.drawer, (code) => this.lost(code));
    this.log = new Log(name, {
      choose: (id, label) => this.outbox.add(label, id),
      retry: () => this.outbox.retry(),
      drop: (clientId) => this.outbox.drop(clientId),
      read: () => this.markRead(),
      picture: (seq) => this.api.picture(seq),
    });
    this.outbox = new Outbox(this.api, this.drawer, () => this.log.drawWaiting(this.outbox.waiting));
    this.live = new Live(this.api, {
      lines: (lines) => this.arrive(lines),
      typing: () => this.log.showTyping(true),
      state: (state) => this.showState(state),
      over: () => this.finish("endedElsewhere"),
    });
    this.composer = new Composer(this.drawer, (text) => this.outbox.add(text));
    this.connectButtons();
    this.frame.say("ready");
    if (!lasting) this.notice("unkept");
    void this.begin();
    setInterval(() => void this.renew(), 600000);
  }

  connectButtons() {
    byId("close").hidden = !this.frame.framed;
    byId("close").addEventListener("click", () => this.frame.say("close"));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !byId("sure").open && !event.isComposing) this.frame.say("close");
    });
    byId("earlier").textContent = say("earlier");
    byId("earlier").addEventListener("click", () => void this.showEarlier());
    byId("end").addEventListener("click", () => { byId("sure-problem").hidden = true; byId("sure").showModal(); });
    byId("sure-no").addEventListener("click", () => byId("sure").close());
    byId("sure-yes").addEventListener("click", () => void this.end());
    byId("again").addEventListener("click", () => this.beginAnew());
    document.addEventListener("visibilitychange", () => { if (!this.frame.away) this.markRead(); });
  }

  // A visitor, what was said, and from there on what is said.
  async begin() {
    this.showState("connecting");
    for (let tries = 0; ; tries += 1) {
      try {
        await this.api.begin();
        await this.open();
        return;
      } catch (problem) {
        if (!(problem instanceof CallFailed)) throw problem;
        // who is not known any more begins anew by lost()
        if (problem.status === 401) return;
        if (problem.status === 404) return this.closed();
        this.showState(navigator.onLine === false ? "offline" : "connecting");
        if (tries === 2) this.notice("away");
        await sleep(Math.max(problem.waitS * 1000, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]));
      }
    }
  }

  async open() {
    const found = await this.api.call("GET", "messages");
    if (byId("notice").dataset.name === "away") this.notice(null);
    this.log.add(found.lines, false);
    for (const line of found.lines) if (line.client_id) this.outbox.settle(line.client_id);
    byId("earlier").hidden = !found.more;
    byId("log").setAttribute("aria-busy", "false");
    this.outbox.load();
    this.live.start(this.log.last);
    if (!found.lines.length) await this.api.call("POST", "greeting");
    this.composer.focus();
  }

  arrive(lines) {
    for (const line of lines) if (line.client_id) this.outbox.settle(line.client_id);
    this.log.add(lines, true);
    this.unread += this.frame.away ? lines.filter((line) => line.from === "service").length : 0;
    this.showUnread();
  }

  async showEarlier() {
    const button = byId("earlier");
    button.disabled = true;
    try {
      const found = await this.api.call("GET", `messages?before=${this.log.first}`);
      this.log.addBefore(found.lines);
      button.hidden = !found.more;
    } catch {
      // the button is still there
    } finally {
      button.disabled = false;
    }
  }

  async renew() {
    const session = this.api.session;
    if (session && Date.now() - session.at > RENEW_MS) await this.api.begin().catch(() => {});
  }

  async end() {
    byId("sure-yes").disabled = true;
    this.live.stop();
    try {
      if (this.api.session) await this.api.call("DELETE", "session");
      byId("sure").close();
      this.finish("ended");
    } catch (problem) {
      if (problem.status !== 401) {
        byId("sure-problem").textContent = say("endFailed");
        byId("sure-problem").hidden = false;
        this.live.start(this.log.last);
      }
    } finally {
      byId("sure-yes").disabled = false;
    }
  }

  // Nothing of the chat is left here or there.
  finish(sentence) {
    this.live.stop();
    this.forget();
    byId("sure").close();
    byId("over-said").textContent = say(sentence);
    byId("over").hidden = false;
    byId("end").hidden = true;
    this.composer.show(false);
    byId("state").textContent = "";
    byId("state").dataset.state = "over";
    this.notice(null);
    byId("again").focus();
  }

  beginAnew() {
    byId("over").hidden = true;
    byId("end").hidden = false;
    this.composer.show(true);
    void this.begin();
  }

  // The service does not know this visitor: begins anew, and says so.
  lost(code) {
    if (code === "session_ended") return this.finish("endedElsewhere");
    this.live.stop();
    // what was not sent yet is said in the new chat
    const unsent = this.outbox.waiting.filter((one) => one.state !== "sent");
    this.forget();
    this.notice(code === "session_expired" ? "expired" : "unknown");
    for (const one of unsent) this.outbox.waiting.push({ ...one, state: "waiting" });
    this.outbox.keep();
    void this.begin();
  }

  forget() {
    this.drawer.drop("session");
    this.outbox.clear();
    this.composer.clear();
    this.log.clear();
    this.api.forgetPictures();
    byId("earlier").hidden = true;
    byId("log").setAttribute("aria-busy", "true");
  }

  closed() {
    this.notice("closed");
    this.composer.show(false);
    byId("end").hidden = true;
    byId("state").dataset.state = "over";
    byId("state").textContent = "";
  }

  showState(state) {
    const place = byId("state");
    place.dataset.state = state === "polling" ? "live" : state;
    place.textContent = say(state);
  }

  notice(sentence) {
    const place = byId("notice");
    place.hidden = !sentence;
    place.dataset.name = sentence || "";
    place.textContent = sentence ? say(sentence) : "";
  }

  markRead() {
    if (this.frame?.away) return;
    this.unread = 0;
    this.showUnread();
  }

  showUnread() {
    document.title = this.unread ? `(${this.unread}) ${name}` : name;
    this.frame?.say("unread", { count: this.unread });
  }
}

new App();
