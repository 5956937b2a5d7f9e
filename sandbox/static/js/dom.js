// Builds elements. Texts go in as text nodes only, so that nothing a message says is ever read as markup.
export const byId = (id) => document.getElementById(id);

export const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
};

const SVG = "http://www.w3.org/2000/svg";

export const icon = (path, size = 24) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
};

const COLOURS = ["#5b8ff9", "#e8684a", "#6dc8ec", "#9270ca", "#ff9d4d", "#269a99", "#d96c9e", "#7a8b99"];

export const personAvatar = (person) => {
  let sum = 0;
  for (const letter of person.openid) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  const avatar = make("div", "avatar", [...person.name][0] ?? "?");
  avatar.style.backgroundColor = COLOURS[sum % COLOURS.length];
  return avatar;
};

// The account's own face, or that of the customer-service account a line was sent as; without a picture its first letter.
export const accountAvatar = (line = {}) => {
  if (line.kf_account && !line.avatar) return personAvatar({ openid: line.kf_account, name: line.speaker });
  const image = make("img");
  image.src = line.avatar ?? "icon.svg";
  image.alt = "";
  return make("div", "avatar", image);
};

let toastTimer = 0;

export const toast = (words) => {
  const element = byId("toast");
  element.textContent = words;
  element.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { element.hidden = true; }, 2200);
};
