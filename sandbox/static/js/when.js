// Moments as WeChat writes them. All times are the sandbox's clock in Shanghai, whatever the zone of this browser.
import { text } from "./texts.js";

const DAY_MS = 86400000;
const SHANGHAI_MS = 8 * 3600000;

const wall = (iso) => new Date(Date.parse(iso) + SHANGHAI_MS);
const day = (moment) => Math.floor(moment.getTime() / DAY_MS);
const two = (n) => String(n).padStart(2, "0");

export const clockTime = (iso) => {
  const moment = wall(iso);
  return `${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}`;
};

export const clockSeconds = (iso) => `${clockTime(iso)}:${two(wall(iso).getUTCSeconds())}`;

export const fullTime = (iso) => {
  const moment = wall(iso);
  return `${text("date")(moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate())} ${text("weekdays")[moment.getUTCDay()]} ${clockSeconds(iso)}`;
};

export const sameDay = (one, other) => day(wall(one)) === day(wall(other));

// "20:03", "昨天 20:03", "星期五 20:03" within the week, else the date.
export const separator = (iso, nowIso) => {
  const moment = wall(iso);
  const days = day(wall(nowIso)) - day(moment);
  const time = clockTime(iso);
  if (days <= 0) return time;
  if (days === 1) return `${text("yesterday")} ${time}`;
  if (days < 7) return `${text("weekdays")[moment.getUTCDay()]} ${time}`;
  return `${text("date")(moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate())} ${time}`;
};

export const span = (seconds) => {
  const units = text("units");
  if (seconds < 60) return `${seconds} ${units.s}`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${units.m}`;
  return `${Math.floor(seconds / 3600)} ${units.h} ${Math.floor((seconds % 3600) / 60)} ${units.m}`;
};

export const latency = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
