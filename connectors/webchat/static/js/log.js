// Draws lines: each once, in the order of their numbers, as text. The reader's place is kept; new lines below are told of.
import { locale, say } from "./texts.js";

const LINK = /https?:\/\/[^\s<>"'“”‘’（）【】《》，。；！？、\u4e00-\u9fff]+/gi;
const GAP_MS = 5 * 60000;
const NEAR_PX = 90;

const byId = (name) => document.getElementById(name);

const make = (tag, name, ...inside) => {
  const one = document.createElement(tag);
  if (name) one.className = name;
  one.append(...inside);
  return one;
};

// Addresses become links; nothing else in a text is anything but text.
const linked = (words) => {
  const parts = [];
  let from = 0;
  for (const found of words.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]}]+$/, "");
    if (!URL.canParse?.(address) && URL.canParse) continue;
    parts.push(words.slice(from, found.index));
    const link = make("a", "", address);
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow ugc";
    parts.push(link);
    from = found.index + address.length;
  }
  parts.push(words.slice(from));
  return parts.filter((part) => part !== "");
};

const when = (iso) => {
  const at = new Date(iso);
  const now = new Date();
  const clock = at.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  const days = Math.round((new Date(now.getFullYear(), now.getMonth(), now.getDate()) - new Date(at.getFullYear(), at.getMonth(), at.getDate())) / 86400000);
  if (days === 0) return clock;
  if (days === 1) return say("yesterday") + clock;
  const day = at.toLocaleDateString(locale, { year: at.getFullYear() === now.getFullYear() ? undefined : "numeric", month: "short", day: "numeric" });
  return `${day} ${clock}`;
};

export class Log {
  // on: choose(id, label), retry(), drop(client_id), read(), picture(seq): the address of one that was fetched
  constructor(serviceName, on) {
    this.serviceName = serviceName;
    this.on = on;
    this.scroll = byId("scroll");
    this.list = byId("log");
    this.waitingList = byId("waiting");
    this.pill = byId("pill");
    this.dots = byId("typing");
    this.pill.addEventListener("click", () => this.toEnd());
    this.scroll.addEventListener("scroll", () => {
      this.sticks = this.isNearEnd();
      if (this.sticks) this.markRead();
    });
    new ResizeObserver(() => { if (this.sticks) this.toEnd(); }).observe(this.scroll);
    this.clear();
  }

  clear() {
    this.lines = [];
    this.speaker = this.serviceName;
    this.chosen = new Set();
    this.unread = 0;
    this.sticks = true;
    this.list.replaceChildren();
    this.waitingList.replaceChildren();
    this.pill.hidden = true;
    this.showTyping(false);
  }

  get first() {
    return this.lines[0]?.seq ?? 0;
  }

  get last() {
    return this.lines.at(-1)?.seq ?? 0;
  }

  // Newer lines, at the end.
  add(lines, fresh) {
    const news = lines.filter((line) => line.seq > this.last);
    if (!news.length) return;
    const follow = this.isNearEnd() || news.some((line) => line.from === "visitor");
    for (const line of news) {
      this.list.append(...this.draw(line, this.lines.at(-1)));
      this.lines.push(line);
    }
    this.markChoices(news);
    this.markSent();
    if (news.some((line) => line.from === "service")) this.showTyping(false);
    if (follow || !fresh) this.toEnd();
    else this.tell(news.length);
  }

  // Older lines, at the beginning; what is read stays where it is.
  addBefore(lines) {
    const height = this.scroll.scrollHeight;
    const now = this.speaker;
    this.speaker = this.serviceName;
    const drawn = lines.flatMap((line, i) => this.draw(line, lines[i - 1]));
    this.speaker = now;
    this.list.prepend(...drawn);
    this.lines.unshift(...lines);
    this.markChoices(this.lines);
    this.scroll.scrollTop += this.scroll.scrollHeight - height;
  }

  draw(line, before) {
    const drawn = [];
    const apart = !before || Date.parse(line.at) - Date.parse(before.at) > GAP_MS;
    if (apart) drawn.push(make("li", "time", when(line.at)));
    const mine = line.from === "visitor";
    const item = make("li", `line ${mine ? "mine" : "theirs"}`);
    item.dataset.seq = line.seq;
    const name = line.speaker || this.serviceName;
    if (mine) item.append(make("span", "unseen", `${say("you")}：`));
    else {
      // a person is named where they begin, the service where it goes on after a person
      const changed = this.speaker !== name;
      item.append(make("span", changed ? "speaker" : "unseen", changed ? name : `${name}：`));
      this.speaker = name;
    }
    item.append(line.picture ? this.picture(line) : make("div", "bubble", ...linked(line.text)));
    if (!mine && line.choices.length) item.append(this.menu(line));
    if (!mine && line.tail) item.append(make("p", "tail", line.tail));
    drawn.push(item);
    return drawn;
  }

  // Its words stand there until it has come, and where it does not come.
  picture(line) {
    const bubble = make("div", "bubble", line.text);
    this.on.picture(line.seq).then((address) => {
      const picture = make("img", "picture");
      picture.alt = line.text;
      picture.addEventListener("load", () => { if (this.sticks) this.toEnd(); });
      picture.src = address;
      const link = make("a", "", picture);
      link.href = address;
      link.target = "_blank";
      bubble.replaceChildren(link);
      bubble.classList.add("drawn");
    }, () => {});
    return bubble;
  }

  menu(line) {
    const group = make("div", "choices");
    group.setAttribute("role", "group");
    for (const { id, label } of line.choices) {
      const button = make("button", "choice", label);
      button.type = "button";
      button.dataset.choice = id;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        this.choose(id);
        this.on.choose(id, label);
      });
      group.append(button);
    }
    return group;
  }

  // A menu is answered once: the entry that was tapped stays marked.
  choose(id) {
    this.chosen.add(id);
    for (const group of this.list.querySelectorAll(".choices")) {
      const buttons = [...group.querySelectorAll(".choice")];
      const tapped = buttons.find((one) => one.dataset.choice === id);
      if (!tapped) continue;
      for (const one of buttons) one.disabled = true;
      tapped.setAttribute("aria-pressed", "true");
    }
  }

  // That it has arrived is said of the visitor's last words until there is an answer.
  markSent() {
    this.list.querySelector(".fate")?.remove();
    if (this.lines.at(-1)?.from !== "visitor") return;
    const fate = make("p", "fate", say("sent"));
    fate.dataset.fate = "sent";
    this.list.lastElementChild.append(fate);
  }

  markChoices(lines) {
    for (const line of lines) if (line.choice) this.chosen.add(line.choice);
    for (const id of this.chosen) this.choose(id);
  }

  drawWaiting(waiting) {
    const follow = this.isNearEnd();
    for (const one of waiting) if (one.choice) this.chosen.add(one.choice);
    const items = waiting.map((one) => {
      const item = make("li", `line mine ${one.state === "sent" ? "" : "is-waiting"}`);
      item.dataset.clientId = one.client_id;
      item.append(make("span", "unseen", `${say("you")}：`), make("div", "bubble", ...linked(one.text)), this.fate(one));
      return item;
    });
    this.waitingList.replaceChildren(...items);
    this.waitingList.hidden = !items.length;
    if (follow) this.toEnd();
  }

  fate(one) {
    const fate = make("p", `fate ${one.state === "failed" ? "bad" : ""}`);
    fate.dataset.fate = one.state;
    if (one.state === "failed") {
      fate.append(say(one.reason === "text_too_long" ? "tooLong" : "refused"));
      const retry = make("button", "", say("retry"));
      const drop = make("button", "", say("drop"));
      retry.type = drop.type = "button";
      retry.addEventListener("click", () => this.on.retry());
      drop.addEventListener("click", () => this.on.drop(one.client_id));
      fate.append(retry, drop);
      return fate;
    }
    if (one.state === "retrying" && one.waitS) {
      fate.append(say("slow", one.waitS));
      return fate;
    }
    if (one.state === "sent") fate.append(say("sent"));
    else if (navigator.onLine === false) fate.append(say("waiting"));
    else if (one.state === "retrying") {
      const retry = make("button", "", say("retry"));
      retry.type = "button";
      retry.addEventListener("click", () => this.on.retry());
      fate.append(say("retrying"), retry);
    } else fate.append(say("sending"));
    return fate;
  }

  showTyping(typing) {
    clearTimeout(this.typingClock);
    const follow = this.isNearEnd();
    this.dots.hidden = !typing;
    byId("typing-said").textContent = typing ? say("typing") : "";
    if (typing) {
      this.typingClock = setTimeout(() => this.showTyping(false), 10000);
      if (follow) this.toEnd();
    }
  }

  tell(count) {
    this.unread += count;
    this.pill.textContent = say("newLines", this.unread);
    this.pill.hidden = false;
  }

  markRead() {
    this.unread = 0;
    this.pill.hidden = true;
    this.on.read();
  }

  isNearEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_PX;
  }

  toEnd() {
    this.sticks = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.markRead();
  }
}
