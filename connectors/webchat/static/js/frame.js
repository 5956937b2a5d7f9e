// Whether the page stands in another site's frame, and the few words it has with that site: shown, hidden, close, so many unread.
const KIND = "weiting-chat";

export class Frame {
  // on: shown()
  constructor(on) {
    this.framed = window.parent !== window;
    this.hidden = false;
    document.body.classList.toggle("framed", this.framed);
    addEventListener("message", (event) => {
      if (event.source !== window.parent || event.data?.type !== KIND) return;
      if (event.data.kind === "hidden") this.hidden = true;
      if (event.data.kind === "shown") {
        this.hidden = false;
        on.shown();
      }
    });
  }

  get away() {
    return this.hidden || document.hidden;
  }

  say(kind, more) {
    // no secret is told, so any site may hear it
    if (this.framed) window.parent.postMessage({ type: KIND, kind, ...more }, "*");
  }
}
