// Everything but words that a subscriber can send: pictures, voice, video, a place, a link, a scan.
import { get } from "./api.js";
import { chooseFile, openForm, openList } from "./sheets.js";
import { text } from "./texts.js";

const PICTURES = "image/png,image/jpeg,image/gif";

const file = (kind, accept, send, more = {}, capture = "") => {
  openList([
    [text("fromPhone"), "", () => chooseFile(accept, (chosen) => send({ kind, ...more }, chosen), capture)],
    [text("sampleFile"), "", () => send({ kind, ...more })],
  ]);
};

export const sendPicture = (send, kind = "image", more = {}) => file(kind, PICTURES, send, more, kind === "pic_sysphoto" ? "environment" : "");

export const sendVideo = (send) => file("video", "video/mp4", send);

export const sendVoice = (send) => {
  const recognition = [["words", text("recognised")], ["empty", text("recognisedEmpty")], ["none", text("recognisedNone")]];
  openForm(text("voice"), [
    { name: "words", label: text("voiceWords"), value: text("voiceText") },
    { name: "seconds", label: text("seconds"), type: "number", value: 3, min: 1, max: 60 },
    { name: "recognition", label: text("recognition"), options: recognition },
  ], ({ words, seconds, recognition: how }) => {
    const heard = { words: { recognition: words }, empty: { recognition: "" }, none: {} }[how];
    send({ kind: "voice", seconds, ...heard });
  });
};

export const sendPlace = (send, kind = "location", more = {}) => {
  openForm(text("location"), [
    { name: "label", label: text("placeName"), value: text("placeText"), required: true },
    { name: "latitude", label: text("latitude"), type: "number", value: 39.9042, min: -90, max: 90 },
    { name: "longitude", label: text("longitude"), type: "number", value: 116.4074, min: -180, max: 180 },
  ], (place) => send({ kind, ...more, ...place }));
};

export const sendLink = (send) => {
  openForm(text("link"), [
    { name: "title", label: text("linkName"), value: text("linkTitle"), required: true },
    { name: "description", label: text("linkNote"), value: "" },
    { name: "url", label: text("linkAddress"), type: "url", value: "https://example.com/", required: true },
  ], (link) => send({ kind: "link", ...link }));
};

// The codes the account has made, or a scene typed in.
export const scan = async (send, account) => {
  const { codes } = await get(`api/codes?account=${encodeURIComponent(account)}`);
  const known = [["", text("sceneTyped")], ...codes.slice(0, 50).map((code) => [code.ticket, code.scene])];
  openForm(text("scan"), [
    ...(codes.length ? [{ name: "ticket", label: text("code"), options: known }] : []),
    { name: "scene", label: text("scene"), value: "1" },
  ], ({ ticket, scene }) => send(ticket ? { kind: "scan", ticket } : { kind: "scan", scene: scene || "1" }));
};

export const scanForMenu = (send, kind, more) => {
  openForm(text("scan"), [{ name: "result", label: text("scanResult"), value: "https://example.com/", required: true }], ({ result }) => send({ kind, ...more, result }));
};
