// What the page itself says. What the service says comes from the service.
const zh = {
  connecting: "连接中…",
  live: "在线",
  polling: "在线（消息可能稍慢几秒）",
  offline: "网络已断开，恢复后自动重连",
  write: "输入您的问题",
  send: "发送",
  end: "结束并清除对话",
  close: "收起",
  log: "对话内容",
  unsent: "还没有送达的消息",
  earlier: "查看更早的消息",
  typing: "客服正在输入",
  newLines: (n) => `${n} 条新消息`,
  sending: "发送中…",
  waiting: "等待网络恢复后发送",
  slow: (s) => `发送得有点快，${s} 秒后自动发出`,
  retrying: "还没有送达，正在重试",
  sent: "已送达",
  refused: "没有发出去",
  tooLong: "内容太长，没有发出去",
  retry: "重发",
  drop: "删除",
  left: (n) => (n < 0 ? `超出 ${-n} 字` : `还可输入 ${n} 字`),
  you: "您",
  endTitle: "结束并清除对话？",
  endSaid: "对话内容和已绑定的号码会一并清除，无法恢复。",
  endYes: "结束并清除",
  endNo: "再想想",
  endFailed: "没有清除成功，请检查网络后再试。",
  ended: "对话已结束，内容已清除。",
  endedElsewhere: "这段对话已在另一个窗口结束，内容已清除。",
  again: "开始新的对话",
  expired: "上一段对话已经过期，已为您开始新的对话。",
  unknown: "没能接上之前的对话，已为您开始新的对话。",
  away: "在线客服暂时连不上，正在重试。",
  closed: "这里的在线客服没有开通。",
  unkept: "浏览器不允许保存数据：关闭页面后，这段对话将无法继续。",
  yesterday: "昨天 ",
};

const en = {
  connecting: "Connecting…",
  live: "Online",
  polling: "Online (messages may take a few seconds)",
  offline: "You are offline; we will reconnect by ourselves",
  write: "Type your question",
  send: "Send",
  end: "End and erase this chat",
  close: "Minimise",
  log: "Conversation",
  unsent: "Messages not delivered yet",
  earlier: "Show earlier messages",
  typing: "Someone is typing",
  newLines: (n) => (n === 1 ? "1 new message" : `${n} new messages`),
  sending: "Sending…",
  waiting: "Will be sent once you are online",
  slow: (s) => `A little fast; goes out in ${s} s`,
  retrying: "Not delivered yet, trying again",
  sent: "Delivered",
  refused: "Not sent",
  tooLong: "Too long, not sent",
  retry: "Send again",
  drop: "Delete",
  left: (n) => (n < 0 ? `${-n} characters too many` : `${n} characters left`),
  you: "You",
  endTitle: "End and erase this chat?",
  endSaid: "The conversation and the numbers bound to it are erased for good.",
  endYes: "End and erase",
  endNo: "Keep it",
  endFailed: "It could not be erased. Check your connection and try again.",
  ended: "This chat has ended and was erased.",
  endedElsewhere: "This chat was ended in another window and was erased.",
  again: "Start a new chat",
  expired: "Your last chat has expired; this is a new one.",
  unknown: "Your earlier chat could not be resumed; this is a new one.",
  away: "We cannot be reached right now; trying again.",
  closed: "There is no chat at this address.",
  unkept: "Your browser keeps no data: once you close this page, this chat cannot be continued.",
  yesterday: "Yesterday ",
};

const wanted = (navigator.languages || [navigator.language || "zh"]).map((one) => one.toLowerCase().slice(0, 2));
export const language = wanted.find((one) => one === "zh" || one === "en") || "zh";
export const locale = language === "zh" ? "zh-CN" : "en";
const words = language === "zh" ? zh : en;

export const say = (name, ...values) => (typeof words[name] === "function" ? words[name](...values) : words[name]);

export const fillIn = () => {
  document.documentElement.lang = locale;
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = say(one.dataset.text);
  for (const one of document.querySelectorAll("[data-placeholder]")) one.placeholder = say(one.dataset.placeholder);
  for (const one of document.querySelectorAll("[data-label]")) {
    one.setAttribute("aria-label", say(one.dataset.label));
    if (one.tagName === "BUTTON") one.title = say(one.dataset.label);
  }
};
