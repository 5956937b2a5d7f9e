// The developer's side: purse, clock, faults, and what the product called.
import { get, post } from "./api.js";
import { Desk } from "./desk.js";
import { byId, make, toast } from "./dom.js";
import { text } from "./texts.js";
import { clockSeconds, fullTime, latency, span } from "./when.js";

const SHOWN = 60;
const EVERY_MS = 2500;
const STEPS = [["+1", "m", 60], ["+30", "m", 1800], ["+1", "h", 3600], ["+1", "d", 86400], ["+48", "h", 172800]];
const CODES = ["-1", 40001, 40003, 40007, 40013, 40125, 40164, 42001, 43004, 43101, 45002, 45009, 45011, 45015, 45047, 48001, 48004, 50002, 65400, 65401, 65415, 89503];
const ILLS = {
  ...Object.fromEntries(CODES.map((code) => [code, { errcode: Number(code) }])),
  slow: { delay_ms: 3000 }, after: { drop: "after" }, before: { drop: "before" }, repeat: { repeat: 2, path: "callback" },
  proxy: { status: 502 }, garbage: { garbage: true },
};
const NAMED = ["slow", "after", "before", "repeat", "proxy", "garbage"];

const illOf = (fault) => fault.errcode ?? NAMED.find((name) => ({ repeat: fault.repeat, proxy: fault.status, garbage: fault.garbage })[name] || fault.drop === name) ?? "slow";
const illName = (ill) => text("ills")[ill] ?? String(ill);

const option = (value, words) => {
  const element = make("option", "", words);
  element.value = value;
  return element;
};

export class Panel {
  // nowIso() is the sandbox's clock; current() has the person and the account shown.
  constructor(nowIso, current) {
    this.nowIso = nowIso;
    this.current = current;
    this.panel = byId("panel");
    this.desk = new Desk(current);
    byId("panel-toggle").addEventListener("click", () => this.toggle());
    byId("panel-close").addEventListener("click", () => this.toggle(false));
    byId("reading").addEventListener("change", () => this.do(post("api/faults", { purse_reading: byId("reading").value })));
    byId("fault-form").addEventListener("submit", (event) => { event.preventDefault(); this.orderFault(); });
    byId("fault-clear").addEventListener("click", () => this.do(post("api/faults", { clear: true })));
    const markers = byId("markers");
    markers.checked = localStorage.getItem("sandbox.markers") === "on";
    markers.addEventListener("change", () => this.showMarkers(markers.checked));
    this.showMarkers(markers.checked);
    setInterval(() => this.refresh(), EVERY_MS);
    setInterval(() => { byId("clock-now").textContent = fullTime(this.nowIso()); }, 1000);
    this.translate();
    if (localStorage.getItem("sandbox.panel") === "open" && innerWidth > 760) this.toggle(true);
  }

  showMarkers(shown) {
    byId("markers").checked = shown;
    document.body.classList.toggle("show-markers", shown);
    localStorage.setItem("sandbox.markers", shown ? "on" : "off");
  }

  toggle(open = this.panel.hidden) {
    this.panel.hidden = !open;
    document.body.classList.toggle("panel-open", open);
    localStorage.setItem("sandbox.panel", open ? "open" : "closed");
    this.refresh();
  }

  translate() {
    byId("fault-path").replaceChildren(...Object.entries(text("places")).map(([value, words]) => option(value, words)));
    byId("fault-kind").replaceChildren(...[...NAMED, ...CODES].map((ill) => option(ill, illName(ill))));
    byId("clock-chips").replaceChildren(...STEPS.map(([count, unit, seconds]) => {
      const button = make("button", "", `${count} ${text("units")[unit]}`);
      button.addEventListener("click", () => this.do(post("api/clock", { advance_s: seconds })));
      return button;
    }));
    if (this.purse) this.showPurse(this.purse);
    this.refresh();
  }

  showPurse(purse) {
    this.purse = purse;
    byId("reading").value = purse.reading;
    const rows = [["purseMessage", purse.message], ["purseEvent", purse.event]].map(([label, bucket]) => {
      const dots = make("span", "dots", ...Array.from({ length: bucket.of }, (_, i) => make("i", i < bucket.left ? "full" : "")));
      const until = bucket.ends_in_s > 0 ? text("left")(span(bucket.ends_in_s)) : text("purseClosed");
      const row = make("div", "purse-row", make("b", "", `${bucket.left}/${bucket.of}`), dots, make("small", "", text(label), make("br"), until));
      return row;
    });
    byId("purse").replaceChildren(...rows);
  }

  async orderFault() {
    const form = new FormData(byId("fault-form"));
    const ill = ILLS[form.get("kind")];
    await this.do(post("api/faults", { path: form.get("path"), count: Number(form.get("count")) || 1, ...ill }));
  }

  async do(request) {
    try {
      await request;
      await this.refresh();
    } catch (error) {
      toast(error.message);
    }
  }

  async refresh() {
    if (this.panel.hidden) return;
    byId("clock-now").textContent = fullTime(this.nowIso());
    const openid = encodeURIComponent(this.current().person?.openid ?? "");
    try {
      const [faults, calls, deliveries] = await Promise.all([get("api/faults"), get("api/api-calls"), get(`api/deliveries?openid=${openid}`)]);
      this.showFaults(faults.faults);
      await this.desk.refresh();
      this.showJournal(calls.calls.filter((one) => !one.openid || one.openid === this.current().person?.openid), deliveries.deliveries);
    } catch {
      // The chat's own poll tells the person that the connection is gone.
    }
  }

  showFaults(faults) {
    byId("fault-list").replaceChildren(...faults.map((fault) => {
      const count = fault.left < 0 ? "∞" : fault.left;
      return make("li", "", `${text("places")[fault.path] ?? fault.path} · ${illName(illOf(fault))} × ${count}`);
    }));
    byId("fault-clear").hidden = faults.length === 0;
  }

  showJournal(calls, deliveries) {
    const inward = deliveries.map((one) => ({ key: `d${one.n}`, at: one.at, in: true, what: `callback #${one.attempt}`, good: one.outcome === "ack" || one.outcome === "passive", result: one.outcome, data: one }));
    const outward = calls.map((one) => ({ key: `c${one.n}`, at: one.at, in: false, what: one.path.replace(/^\/(cgi-bin|customservice)\//, ""), good: one.errcode === 0, result: one.errcode ?? "✂", data: one }));
    const newest = [...inward, ...outward].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, SHOWN);
    const signature = newest.map((one) => one.key).join();
    if (signature === this.drawn) return;
    this.drawn = signature;
    const open = new Set([...document.querySelectorAll("#journal details[open]")].map((one) => one.dataset.key));
    const rows = newest.map((one) => this.journalRow(one, open.has(one.key)));
    byId("journal").replaceChildren(...(rows.length ? rows : [make("li", "empty", text("journalEmpty"))]));
  }

  journalRow(one, open) {
    const summary = make("summary", "",
      make("time", "", clockSeconds(one.at)),
      make("span", `what ${one.in ? "in" : ""}`, `${one.in ? "→" : "←"} ${one.what}`),
      make("span", one.good ? "ok" : "bad", String(one.result)),
      make("time", "", latency(one.data.ms)));
    const details = make("details", "", summary, make("pre", "", JSON.stringify(one.data, null, 1)));
    details.dataset.key = one.key;
    details.open = open;
    return make("li", "", details);
  }
}
