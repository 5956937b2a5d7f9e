// The chat itself: draws messages once, keeps the reader's place, tells of new ones below.
import { bubbleOf } from "./bubbles.js";
import { accountAvatar, byId, make, personAvatar } from "./dom.js";
import { text } from "./texts.js";
import { latency, separator } from "./when.js";

const GAP_MS = 5 * 60000;
const NEAR_PX = 80;

export class ChatLog {
  // choose(choice) is called when an entry of a menu in a bubble is tapped.
  constructor(choose) {
    this.choose = choose;
    this.log = byId("log");
    this.pill = byId("new-pill");
    this.pill.addEventListener("click", () => this.toEnd());
    this.log.addEventListener("scroll", () => this.onScroll());
    new ResizeObserver(() => { if (this.sticks) this.toEnd(); }).observe(this.log);
    // Pictures come after their line and make it taller.
    this.log.addEventListener("load", () => { if (this.sticks) this.toEnd(); }, true);
    this.clear(null, null);
  }

  clear(person, account) {
    this.person = person;
    this.account = account;
    this.lines = [];
    this.unread = 0;
    this.sticks = true;
    this.lastTop = 0;
    this.log.replaceChildren();
    this.pill.hidden = true;
  }

  add(messages, nowIso, { fresh }) {
    if (!messages.length) return;
    const follow = this.sticks || messages.some((line) => line.from === "subscriber");
    for (const line of messages) this.draw(line, nowIso, fresh);
    if (follow || !fresh) this.toEnd();
    else {
      this.unread += messages.length;
      this.pill.textContent = text("newMessages")(this.unread);
      this.pill.hidden = false;
    }
  }

  redraw(nowIso) {
    const lines = this.lines;
    this.lines = [];
    this.log.replaceChildren();
    for (const line of lines) this.draw(line, nowIso, false);
    this.toEnd();
  }

  draw(line, nowIso, fresh) {
    const before = this.lines.at(-1);
    if (!before || Date.parse(line.at) - Date.parse(before.at) > GAP_MS) this.log.append(make("div", "time", separator(line.at, nowIso)));
    this.lines.push(line);
    this.log.append(line.kind === "event" || line.kind === "notice" ? this.greyLine(line) : this.row(line, fresh));
  }

  greyLine(line) {
    const element = make("div", `grey-line ${line.kind === "notice" ? "failed" : ""}`, line.text);
    if (line.detail) {
      element.append(make("span", "marker", line.detail));
      element.title = line.detail;
    }
    Object.assign(element.dataset, { n: line.n, from: line.from, kind: line.kind });
    return element;
  }

  row(line, fresh) {
    const mine = line.from === "subscriber";
    const row = make("div", `row message ${mine ? "mine" : "theirs"} ${fresh ? "arrives" : ""}`);
    Object.assign(row.dataset, { n: line.n, from: line.from, kind: line.kind, type: line.msg_type });
    const body = make("div", "body");
    if (!mine && line.speaker !== this.account.name) body.append(make("span", "nick", line.speaker));
    body.append(bubbleOf(line, { choose: this.choose }));
    if (!mine) {
      const label = `${text(line.kind)}${line.latency_ms === null ? "" : ` · ${latency(line.latency_ms)}`}`;
      body.append(make("span", `marker ${line.kind}`, label));
      body.title = label;
    }
    row.append(mine ? personAvatar(this.person) : accountAvatar(line), body);
    return row;
  }

  // Only a reader who goes up leaves the end; a line that grows, when its picture comes, does not.
  onScroll() {
    if (this.isNearEnd()) this.markRead();
    else if (this.log.scrollTop < this.lastTop) this.sticks = false;
    this.lastTop = this.log.scrollTop;
  }

  isNearEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
  }

  markRead() {
    this.sticks = true;
    this.unread = 0;
    this.pill.hidden = true;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.markRead();
  }
}
