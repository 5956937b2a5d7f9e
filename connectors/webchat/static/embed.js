// <script async src="https://HOST/chat/ACCOUNT/embed.js"></script> puts a button on any page; it opens the chat in a frame.
// data-side="left" moves it, data-color="#0b7a53" colours it, data-label="…" names it. Styles are set without inline style
// attributes or elements, so that a strict Content-Security-Policy of the page needs script-src and frame-src HOST only.
(() => {
  const script = document.currentScript;
  if (!script || window.WeitingChat) return;
  const source = new URL(script.src);
  const page = source.origin + source.pathname.replace(/\/embed\.js$/, "");
  const KIND = "weiting-chat";
  const KEPT = `weiting.chat.${source.pathname}`;
  const READY_MS = 8000;
  const chinese = !/^en/i.test(navigator.language || "zh");
  const words = chinese
    ? { open: "在线客服", close: "收起在线客服", title: "在线客服", stuck: "聊天窗口没有打开？", link: "在新窗口中打开" }
    : { open: "Chat with us", close: "Minimise chat", title: "Chat", stuck: "The chat did not open?", link: "Open it in a new window" };
  const label = script.dataset.label || words.open;
  const side = script.dataset.side === "left" ? "left" : "right";
  const color = script.dataset.color && CSS.supports("color", script.dataset.color) ? script.dataset.color : "#0b7a53";

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    .launcher { position: fixed; bottom: calc(20px + env(safe-area-inset-bottom)); ${side}: 20px; z-index: 2147483000; display: grid; place-items: center; width: 58px; height: 58px; padding: 0; border: 0; border-radius: 50%; background: ${color}; color: #fff; cursor: pointer; box-shadow: 0 4px 18px rgb(0 0 0 / 28%); }
    .launcher:focus-visible { outline: 3px solid #fff; outline-offset: -6px; }
    .launcher svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; top: -3px; right: -3px; min-width: 21px; height: 21px; padding: 0 6px; border-radius: 11px; background: #d92d20; color: #fff; font: 600 12px/21px system-ui, sans-serif; text-align: center; }
    .panel { position: fixed; bottom: calc(92px + env(safe-area-inset-bottom)); ${side}: 20px; z-index: 2147483000; width: 392px; height: min(660px, calc(100vh - 116px)); max-width: calc(100vw - 40px); border-radius: 18px; overflow: hidden; background: #f6f8f7; box-shadow: 0 12px 44px rgb(0 0 0 / 26%); }
    .panel iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    .stuck { position: absolute; inset: auto 16px 24px; margin: 0; padding: 12px; border-radius: 10px; background: #fff; color: #17201c; font: 14px/1.5 system-ui, sans-serif; text-align: center; }
    .stuck a { color: #0a62a8; }
    @media (prefers-color-scheme: dark) { .panel { background: #131816; } }
    @media (max-width: 520px) {
      .panel { inset: 0; width: auto; height: auto; max-width: none; border-radius: 0; padding-bottom: 0; }
      .open .launcher { display: none; }
    }`;

  const remember = (state) => { try { sessionStorage.setItem(KEPT, state); } catch { /* not kept */ } };
  const remembered = () => { try { return sessionStorage.getItem(KEPT); } catch { return null; } };

  const drawing = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };

  const build = () => {
    const host = document.createElement("div");
    const root = host.attachShadow({ mode: "open" });
    if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } else {
      const style = document.createElement("style");
      style.textContent = STYLE;
      root.append(style);
    }
    const frame = document.createElement("div");
    const panel = document.createElement("div");
    panel.className = "panel";
    panel.hidden = true;
    panel.id = "panel";
    const launcher = document.createElement("button");
    launcher.type = "button";
    launcher.className = "launcher";
    launcher.setAttribute("aria-controls", "panel");
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.hidden = true;
    const bubble = drawing("M5.5 5h13A2.5 2.5 0 0 1 21 7.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 3.5V17h-1A2.5 2.5 0 0 1 3 14.5v-7A2.5 2.5 0 0 1 5.5 5ZM8 11h.01M12 11h.01M16 11h.01");
    const arrow = drawing("m6 9 6 6 6-6");
    launcher.append(bubble, arrow, badge);
    frame.append(panel, launcher);
    root.append(frame);
    document.body.append(host);

    let inner = null;
    let isOpen = false;
    let ready = false;
    const tell = (kind) => { if (ready) inner.contentWindow.postMessage({ type: KIND, kind }, source.origin); };

    const load = () => {
      if (inner) return;
      inner = document.createElement("iframe");
      inner.src = page;
      inner.title = words.title;
      inner.allow = "clipboard-write";
      panel.append(inner);
      setTimeout(() => { if (!ready) showStuck(); }, READY_MS);
    };

    // a site that the account does not name may not show the chat in a frame
    const showStuck = () => {
      const said = document.createElement("p");
      said.className = "stuck";
      const link = document.createElement("a");
      link.href = page;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = words.link;
      said.append(`${words.stuck} `, link);
      panel.append(said);
    };

    const showUnread = (count) => {
      const shown = isOpen ? 0 : count;
      badge.hidden = !shown;
      badge.textContent = shown > 99 ? "99+" : String(shown);
      launcher.setAttribute("aria-label", isOpen ? words.close : shown ? `${label} (${shown})` : label);
    };

    const set = (open, byHand) => {
      isOpen = open;
      if (open) load();
      panel.hidden = !open;
      frame.className = open ? "open" : "";
      launcher.setAttribute("aria-expanded", String(open));
      bubble.toggleAttribute("hidden", open);
      arrow.toggleAttribute("hidden", !open);
      showUnread(0);
      if (byHand) remember(open ? "open" : "closed");
      tell(open ? "shown" : "hidden");
      if (byHand && open) inner.focus();
      if (byHand && !open) launcher.focus();
    };

    launcher.addEventListener("click", () => set(!isOpen, true));
    addEventListener("message", (event) => {
      if (!inner || event.source !== inner.contentWindow || event.origin !== source.origin || event.data?.type !== KIND) return;
      if (event.data.kind === "ready") {
        ready = true;
        tell(isOpen ? "shown" : "hidden");
      }
      if (event.data.kind === "close") set(false, true);
      if (event.data.kind === "unread") showUnread(Number(event.data.count) || 0);
    });

    const before = remembered();
    // a chat that was begun on the page before goes on here; its number of unread lines stands on the button
    set(before === "open", false);
    if (before) load();
    window.WeitingChat = { open: () => set(true, true), close: () => set(false, true) };
  };

  if (document.body) build();
  else addEventListener("DOMContentLoaded", build, { once: true });
})();
