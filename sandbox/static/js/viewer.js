// A picture or a video over the whole phone; a tap or Escape takes it away.
import { byId, make } from "./dom.js";

const close = () => {
  byId("viewer").hidden = true;
  byId("viewer").replaceChildren();
};

export const showFile = (tag, address) => {
  const element = make(tag);
  element.src = address;
  if (tag === "video") Object.assign(element, { controls: true, autoplay: true, muted: true });
  byId("viewer").replaceChildren(element);
  byId("viewer").hidden = false;
};

export const startViewer = () => {
  byId("viewer").addEventListener("click", close);
  addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
};
