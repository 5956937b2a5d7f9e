// What stands in a bubble, kind by kind. Everything a message says goes in as text; addresses only where an address belongs.
import { icon, make, toast } from "./dom.js";
import { text } from "./texts.js";
import { showFile } from "./viewer.js";

const LINK = /https?:\/\/[^\s<>"'“”‘’（）【】，。；！？、\u4e00-\u9fff]+/gi;
const WAVES = "M8 10.500a5 5 0 0 1 0 7M12 7.500a9.500 9.500 0 0 1 0 13M16 4.500a14 14 0 0 1 0 19";
const PLAY = "M10 7l12 7-12 7z";
const PIN = "M14 25s8-7.5 8-13.500a8 8 0 0 0-16 0C6 17.5 14 25 14 25zM14 14a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z";
const CHAIN = "M12 16a4.5 4.5 0 0 0 6.5 0l3.5-3.500a4.6 4.6 0 0 0-6.5-6.500L14 7.500M16 12a4.5 4.5 0 0 0-6.5 0L6 15.500a4.6 4.6 0 0 0 6.5 6.500L14 20.5";
const NOTE = "M11 21V7l10-2v14M11 21a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM21 19a3 3 0 1 1-6 0 3 3 0 0 1 6 0z";

const isWeb = (address) => /^https?:\/\//i.test(address ?? "");

const link = (address, className, ...inside) => {
  if (!isWeb(address)) return make("div", className, ...inside);
  const element = make("a", className, ...inside);
  element.href = address;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  return element;
};

export const linked = (words) => {
  const parts = [];
  let from = 0;
  for (const found of words.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]]+$/, "");
    parts.push(words.slice(from, found.index), link(address, "", address));
    from = found.index + address.length;
  }
  parts.push(words.slice(from));
  return parts.filter((part) => part !== "");
};

const picture = (address, className) => {
  const image = make("img", className);
  image.src = address;
  image.alt = "";
  image.loading = "lazy";
  image.addEventListener("error", () => image.classList.add("missing"));
  return image;
};

const menu = (line, choose) => {
  const left = [...line.choices];
  return line.text.split("\n").flatMap((words, i) => {
    const at = left.findIndex((choice) => choice.content === words);
    if (at < 0) return [i ? "\n" : "", ...linked(words)];
    const [choice] = left.splice(at, 1);
    const button = make("button", "choice", words);
    button.addEventListener("click", () => choose(choice));
    return [i ? "\n" : "", button];
  });
};

const words = (line, { choose }) => make("div", "bubble", make("span", "", ...(line.choices.length ? menu(line, choose) : linked(line.text))));

const image = (line) => {
  if (!line.data.url) return make("div", "bubble", line.text);
  const button = make("button", "bubble picture", picture(line.data.url));
  button.addEventListener("click", () => showFile("img", line.data.url));
  return button;
};

const video = (line) => {
  if (!line.data.url) return make("div", "bubble", line.text);
  const cover = line.data.thumb_url ? picture(line.data.thumb_url) : make("div", "no-cover");
  const button = make("button", "bubble picture video", cover, make("i", "play", icon(PLAY, 28)));
  if (line.data.title) button.append(make("span", "caption", line.data.title));
  button.setAttribute("aria-label", text("play"));
  button.addEventListener("click", () => showFile("video", line.data.url));
  return button;
};

const voice = (line) => {
  const seconds = line.data.seconds ?? 0;
  const bar = make("button", "bubble voice", icon(WAVES, 28), make("span", "", seconds ? `${seconds}″` : text("voice")));
  bar.setAttribute("aria-label", text("voice"));
  bar.addEventListener("click", () => { new Audio(line.data.url).play().catch(() => toast(text("cannotPlay"))); });
  bar.style.width = `${Math.min(92 + seconds * 4, 220)}px`;
  if (!line.data.recognition) return bar;
  return make("div", "stack", bar, make("div", "heard", line.data.recognition));
};

const place = (line) => {
  const map = make("div", "map", make("i", "pin", icon(PIN, 28)));
  const where = `${Number(line.data.latitude).toFixed(4)}, ${Number(line.data.longitude).toFixed(4)}`;
  return make("div", "bubble card place", make("b", "", line.data.label || text("location")), make("small", "", where), map);
};

const card = (address, title, description, cover, foot) => {
  const side = cover ? picture(cover) : make("i", "sign", icon(CHAIN, 28));
  const body = make("span", "card-body", make("span", "card-words", description || ""), side);
  const inside = [make("b", "", title), body];
  if (foot) inside.push(make("small", "foot", foot));
  return link(address, "bubble card", ...inside);
};

const sentLink = (line) => card(line.data.url, line.data.title ?? line.text, line.data.description, "", "");

const news = (line) => {
  const [first, ...others] = line.data.articles ?? [];
  if (!first) return make("div", "bubble", line.text);
  const cover = isWeb(first.picurl) ? [picture(first.picurl, "cover")] : [];
  const head = link(first.url, "news-head", ...cover, make("b", "", first.title), make("span", "card-words", first.description ?? ""));
  return make("div", "bubble card news", head, ...others.map((one) => link(one.url, "news-row", one.title)));
};

const miniProgram = (line) => {
  const inside = [make("small", "", line.data.appid), make("b", "", line.data.title), picture(line.data.thumb_url, "cover"), make("small", "foot", text("miniProgram"))];
  const element = make("div", "bubble card mini", ...inside);
  element.title = line.data.pagepath;
  return element;
};

const music = (line) => {
  const note = make("i", "sign", icon(NOTE, 28));
  return link(line.data.musicurl, "bubble card music", note, make("span", "", make("b", "", line.data.title || text("music")), make("small", "", line.data.description ?? "")));
};

const coupon = (line) => make("div", "bubble card", make("b", "", text("coupon")), make("small", "", line.data.card_id));

const KINDS = {
  image, voice, video, shortvideo: video, location: place, link: sentLink, news, mpnews: news, mpnewsarticle: news,
  miniprogrampage: miniProgram, music, wxcard: coupon,
};

export const bubbleOf = (line, options) => (KINDS[line.msg_type] ?? words)(line, options);
