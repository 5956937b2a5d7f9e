// What this browser keeps of a chat: the token, what is not sent yet, the draft. A frame whose storage is blocked keeps it while it is open.
const memory = new Map();

export let lasting = true;
try {
  localStorage.setItem("weiting.chat.probe", "1");
  localStorage.removeItem("weiting.chat.probe");
} catch {
  lasting = false;
}

export class Drawer {
  constructor(account) {
    this.prefix = `weiting.chat.${account}.`;
  }

  get(name) {
    try {
      const kept = lasting ? localStorage.getItem(this.prefix + name) : memory.get(name);
      return kept ? JSON.parse(kept) : null;
    } catch {
      return null;
    }
  }

  put(name, value) {
    const kept = JSON.stringify(value);
    try {
      if (lasting) localStorage.setItem(this.prefix + name, kept);
      else memory.set(name, kept);
    } catch {
      // full: what is on the screen stays there
    }
  }

  drop(name) {
    try {
      if (lasting) localStorage.removeItem(this.prefix + name);
      else memory.delete(name);
    } catch {
      // nothing was kept
    }
  }
}
