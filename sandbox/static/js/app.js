// The page: puts the parts together and keeps them fed by one long poll of the chat that is shown.
import { get, post, upload } from "./api.js";
import { ChatLog } from "./chat.js";
import { Composer } from "./composer.js";
import { byId, make, toast } from "./dom.js";
import { Panel } from "./panel.js";
import { People } from "./people.js";
import { scan } from "./sending.js";
import { openList, startSheets } from "./sheets.js";
import { showSms } from "./sms.js";
import { text, toggleLanguage, translatePage } from "./texts.js";
import { startViewer } from "./viewer.js";
import { clockTime, sameDay } from "./when.js";

const WAIT_S = 25;
const RETRY_MS = 1500;
const HIDDEN_EVERY_MS = 2000;
const SMS_STILL_NEW_MS = 60000;

const state = { person: null, account: null, after: 0, smsAfter: 0, version: null, following: true, drawnAt: "", poll: null, typingTimer: 0 };
const clock = { at: Date.now(), base: Date.now() };

const nowIso = () => new Date(clock.base + Date.now() - clock.at).toISOString();
const setClock = (iso) => Object.assign(clock, { at: Date.now(), base: Date.parse(iso) });

const showTyping = (seconds) => {
  byId("nav-typing").hidden = seconds <= 0;
  byId("nav-name").hidden = seconds > 0;
  clearTimeout(state.typingTimer);
  if (seconds > 0) state.typingTimer = setTimeout(() => showTyping(0), seconds * 1000);
};

const showFollowing = (following) => {
  state.following = following;
  byId("follow-card").hidden = following;
  byId("bar").hidden = !following;
};

const say = async (body, file) => {
  const whole = { account: state.account.key, openid: state.person.openid, ...body };
  try {
    await (file ? upload("api/say", whole, file) : post("api/say", whole));
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
};

const chatLog = new ChatLog((choice) => say({ text: choice.content, menu_id: choice.id || "0" }));
const composer = new Composer(say, () => state.account.key);
const panel = new Panel(nowIso, () => state);

const refreshMenu = async (version) => {
  state.menuVersion = version;
  const menu = await get(`api/menu?account=${encodeURIComponent(state.account.key)}`);
  state.account.menu = menu.button;
  composer.showMenu(menu.button);
};

const fillIn = (code) => {
  composer.showKeyboard(true);
  composer.setWords(code);
  composer.input.focus();
};

const take = (news, first) => {
  // Over midnight (or when the clock is moved) "20:03" becomes "yesterday 20:03".
  if (!first && !sameDay(state.drawnAt, news.now)) chatLog.redraw(news.now);
  state.drawnAt = news.now;
  setClock(news.now);
  chatLog.add(news.messages, news.now, { fresh: !first });
  state.after = news.messages.at(-1)?.n ?? state.after;
  for (const sms of news.sms) {
    state.smsAfter = Math.max(state.smsAfter, sms.n);
    if (!first || Date.parse(news.now) - Date.parse(sms.at) < SMS_STILL_NEW_MS) showSms(sms, state.person.phone, fillIn);
  }
  state.version = news.version;
  showTyping(news.typing ? news.typing_left_s : 0);
  showFollowing(news.following);
  panel.showPurse(news.purse);
  if (state.menuVersion !== news.menu_version) refreshMenu(news.menu_version).catch(() => { state.menuVersion = null; });
  if (!first) panel.refresh();
};

const poll = async (signal) => {
  let first = true;
  while (!signal.aborted) {
    const query = new URLSearchParams({ account: state.account.key, after: state.after, sms_after: state.smsAfter });
    if (!first) {
      query.set("version", state.version);
      // A browser opens few connections to one server; phones in the background must not hold them all.
      query.set("wait_s", document.hidden ? 0 : WAIT_S);
    }
    try {
      const news = await get(`api/chat/${encodeURIComponent(state.person.openid)}?${query}`, signal);
      if (signal.aborted) return;
      byId("offline").hidden = true;
      if (!first && news.version < state.version) throw Object.assign(new Error("another sandbox"), { status: 404 });
      take(news, first);
      first = false;
      if (document.hidden) await new Promise((resolve) => { setTimeout(resolve, HIDDEN_EVERY_MS); });
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) {
        // The sandbox was started anew: its chats are empty, its people those of the configuration.
        people.load();
        return;
      }
      byId("offline").hidden = false;
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
    }
  }
};

const switchTo = (person, account) => {
  state.poll?.abort();
  composer.switchPerson(state.person?.openid, person.openid, account.menu);
  Object.assign(state, { person, account, after: 0, smsAfter: 0, version: null, menuVersion: null, poll: new AbortController() });
  byId("nav-name").textContent = account.name;
  byId("banners").replaceChildren();
  showTyping(0);
  chatLog.clear(person, account);
  poll(state.poll.signal);
};

const people = new People(switchTo);

const openSheet = () => {
  const marked = document.body.classList.contains("show-markers");
  const beside = matchMedia("(min-width: 761px)").matches;
  const entries = beside ? [] : [[text("switchPerson"), "", () => byId("people").classList.add("open")]];
  entries.push(
    [text("scan"), "", () => scan(say, state.account.key)],
    [text(marked ? "hideMarkers" : "showMarkers"), "", () => panel.showMarkers(!marked)],
    [text("developer"), "", () => panel.toggle()],
    [text("language"), "", changeLanguage],
  );
  if (state.following) entries.push([text("unfollow"), "danger", () => say({ kind: "unsubscribe" })]);
  openList(entries);
};

const translate = () => {
  translatePage();
  byId("language").textContent = text("language");
};

function changeLanguage() {
  toggleLanguage();
  translate();
  composer.translate();
  panel.translate();
  people.draw();
  chatLog.redraw(nowIso());
}

const start = async () => {
  translate();
  byId("language").addEventListener("click", changeLanguage);
  byId("follow").addEventListener("click", () => say({ kind: "subscribe" }));
  byId("follow-by-code").addEventListener("click", () => scan(say, state.account.key));
  byId("more").addEventListener("click", openSheet);
  startSheets();
  startViewer();
  setInterval(() => { byId("status-time").textContent = clockTime(nowIso()); }, 1000);
  for (;;) {
    try {
      await people.load();
      return;
    } catch {
      byId("offline").hidden = false;
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
    }
  }
};

start();
