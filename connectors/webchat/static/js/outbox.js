// What the visitor wrote and the service does not have yet: kept in the browser, sent in order, again and again until it is taken.
// Each message has a name of its own, so that one that was taken without our hearing of it is not taken twice.
import { CallFailed } from "./api.js";

const PAUSES_MS = [800, 1500, 3000, 6000, 12000, 20000];

const newName = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

export class Outbox {
  // changed(): what is waiting looks different now.
  constructor(api, drawer, changed) {
    this.api = api;
    this.drawer = drawer;
    this.changed = changed;
    this.waiting = [];
    this.failures = 0;
    this.busy = false;
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.changed());
  }

  // After a reload: what was left.
  load() {
    const left = this.drawer.get("outbox") || [];
    const known = new Set(this.waiting.map((one) => one.client_id));
    for (const one of left) if (!known.has(one.client_id)) this.waiting.push({ ...one, state: "waiting" });
    this.changed();
    void this.send();
  }

  add(text, choice) {
    this.waiting.push({ client_id: newName(), text, choice: choice || null, at: new Date().toISOString(), state: "waiting" });
    this.keep();
    void this.send();
  }

  // The line has come back from the service.
  settle(clientId) {
    const before = this.waiting.length;
    this.waiting = this.waiting.filter((one) => one.client_id !== clientId);
    if (this.waiting.length !== before) this.keep();
  }

  drop(clientId) {
    this.settle(clientId);
  }

  clear() {
    this.waiting = [];
    this.keep();
  }

  retry() {
    clearTimeout(this.clock);
    this.failures = 0;
    for (const one of this.waiting) if (one.state === "failed") one.state = "waiting";
    void this.send();
  }

  keep() {
    const left = this.waiting.filter((one) => one.state !== "sent");
    if (left.length) this.drawer.put("outbox", left.map(({ client_id, text, choice, at }) => ({ client_id, text, choice, at })));
    else this.drawer.drop("outbox");
    this.changed();
  }

  async send() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (;;) {
        const one = this.waiting.find((each) => each.state === "waiting" || each.state === "retrying");
        if (!one || !this.api.session || !(await this.sendOne(one))) return;
      }
    } finally {
      this.busy = false;
    }
  }

  // Whether to go on with the next.
  async sendOne(one) {
    const before = one.state;
    one.state = "sending";
    this.changed();
    try {
      await this.api.call("POST", "messages", { client_id: one.client_id, text: one.text, ...(one.choice ? { choice: one.choice } : {}) });
      one.state = "sent";
      this.failures = 0;
      this.keep();
      return true;
    } catch (problem) {
      const failed = problem instanceof CallFailed ? problem : new CallFailed(0, "unreachable", 0);
      if (failed.status === 401) {
        one.state = before;
        return false;
      }
      if (!failed.passes) {
        one.state = "failed";
        one.reason = failed.code;
        this.keep();
        return true;
      }
      one.state = "retrying";
      one.waitS = failed.status === 429 ? failed.waitS : 0;
      const pause = failed.waitS * 1000 || PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)];
      this.failures += 1;
      clearTimeout(this.clock);
      this.clock = setTimeout(() => void this.send(), pause);
      this.changed();
      return false;
    }
  }
}
