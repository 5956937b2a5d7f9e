// Short messages come in at the top of the phone, as on any phone; a tap fills the code in.
import { byId, icon, make, toast } from "./dom.js";
import { text } from "./texts.js";

const SHOWN_MS = 12000;
const MOST = 2;
const SWIPE_PX = 24;
const BUBBLE = "M12 3C6.5 3 2 6.7 2 11.200c0 2.6 1.5 4.9 3.8 6.400L5 21l4-2c1 .2 2 .4 3 .4 5.5 0 10-3.7 10-8.200S17.5 3 12 3z";

const leave = (banner) => {
  banner.classList.add("leaves");
  setTimeout(() => banner.remove(), 260);
};

export const showSms = (sms, ownPhone, fillIn) => {
  const banners = byId("banners");
  while (banners.children.length >= MOST) banners.firstChild.remove();
  const top = make("span", "banner-top", sms.phone === ownPhone ? text("sms") : `${text("sms")} → ${sms.phone}`, make("small", "", text("smsNow")));
  const body = make("span", "banner-body", top, make("span", "banner-text", sms.text));
  if (sms.code) body.append(make("span", "banner-hint", text("smsHint")(sms.code)));
  const banner = make("button", "banner sms-banner", make("span", "banner-icon", icon(BUBBLE)), body);
  banner.dataset.code = sms.code ?? "";
  let pressedAt = 0;
  let swiped = false;
  banner.addEventListener("pointerdown", (event) => { pressedAt = event.clientY; });
  banner.addEventListener("pointermove", (event) => {
    if (event.buttons && pressedAt - event.clientY > SWIPE_PX && !swiped) {
      swiped = true;
      leave(banner);
    }
  });
  banner.addEventListener("click", async () => {
    if (swiped) return;
    leave(banner);
    if (!sms.code) return;
    fillIn(sms.code);
    toast(text("smsCopied"));
    // The clipboard is closed to pages without TLS on another machine; the code is in the input field either way.
    if (navigator.clipboard) await navigator.clipboard.writeText(sms.code).catch(() => {});
  });
  banners.append(banner);
  setTimeout(() => leave(banner), SHOWN_MS);
};
