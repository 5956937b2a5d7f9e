// Lines as they come: server-sent events read with fetch (EventSource cannot carry a token); where something in between holds them
// back, by asking every few seconds. Resumes after the last line that arrived, whatever was between.
import { CallFailed, refusalOf } from "./api.js";

const FIRST_BYTE_MS = 8000;
const SILENT_MS = 25000;
const POLL_MS = 3000;
const POLL_HIDDEN_MS = 15000;
const TRY_STREAM_AGAIN_MS = 60000;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000];

const sleep = (ms, signal) => new Promise((done) => {
  const clock = setTimeout(done, ms);
  signal.addEventListener("abort", () => { clearTimeout(clock); done(); }, { once: true });
});

export class Live {
  // on: lines(lines), typing(), state(name), over()
  constructor(api, on) {
    this.api = api;
    this.on = on;
    this.after = 0;
    this.round = null;
    this.heardAt = 0;
    this.held = 0;
    addEventListener("online", () => this.wake());
    addEventListener("offline", () => { if (this.running) this.on.state("offline"); this.wake(); });
    addEventListener("pageshow", (event) => { if (event.persisted) this.wake(); });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.heardAt > FIRST_BYTE_MS * 2) this.wake();
    });
  }

  get running() {
    return this.round !== null;
  }

  start(after) {
    this.stop();
    this.after = after;
    const run = { stopped: false };
    this.run = run;
    void this.goOn(run);
  }

  stop() {
    if (this.run) this.run.stopped = true;
    this.wake();
    this.round = null;
  }

  // Ends what is waited for now; the loop goes on at once.
  wake() {
    this.failures = 0;
    this.round?.abort();
  }

  async goOn(run) {
    this.failures = 0;
    while (!run.stopped) {
      this.round = new AbortController();
      const { signal } = this.round;
      try {
        if (this.held >= 2) await this.poll(signal);
        else await this.stream(signal);
        this.failures = 0;
        await sleep(PAUSES_MS[0], signal);
      } catch (problem) {
        if (run.stopped) return;
        if (problem instanceof CallFailed && (problem.status === 401 || problem.status === 404)) return;
        this.on.state(navigator.onLine === false ? "offline" : "connecting");
        const pause = PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)];
        this.failures += 1;
        const waited = problem instanceof CallFailed ? problem.waitS * 1000 : 0;
        if (!signal.aborted) await sleep(Math.max(waited, pause * (0.7 + Math.random() * 0.6)), signal);
        else await sleep(100, new AbortController().signal);
      }
    }
  }

  async stream(signal) {
    const hanging = new AbortController();
    signal.addEventListener("abort", () => hanging.abort(), { once: true });
    let dog = setTimeout(() => hanging.abort(), FIRST_BYTE_MS);
    let began = false;
    try {
      const answer = await fetch(`${this.api.base}/events?after=${this.after}`, {
        headers: this.api.headers({ Accept: "text/event-stream" }),
        cache: "no-store",
        credentials: "omit",
        signal: hanging.signal,
      });
      if (!answer.ok) {
        const refusal = await refusalOf(answer);
        if (refusal.status === 401) this.api.onLost(refusal.code);
        throw refusal;
      }
      const reader = answer.body.getReader();
      const decoder = new TextDecoder();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(dog);
        dog = setTimeout(() => hanging.abort(), SILENT_MS);
        if (!began) {
          began = true;
          this.held = Math.min(this.held, 1);
          this.failures = 0;
          this.on.state("live");
        }
        this.heardAt = Date.now();
        rest += decoder.decode(value, { stream: true });
        const blocks = rest.split("\n\n");
        rest = blocks.pop();
        this.hear(blocks);
      }
    } catch (problem) {
      // the connection stood and nothing came through it: a proxy keeps it back
      if (!began && !signal.aborted && !(problem instanceof CallFailed) && navigator.onLine !== false) this.held += 1;
      throw problem;
    } finally {
      clearTimeout(dog);
      hanging.abort();
    }
  }

  hear(blocks) {
    const lines = [];
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((row) => [row.slice(0, row.indexOf(":")), row.slice(row.indexOf(":") + 1).trim()]));
      if (fields.data && !fields.event) lines.push(JSON.parse(fields.data));
      if (fields.event === "typing") {
        // what was said before it is shown before it
        this.take(lines.splice(0));
        this.on.typing();
      }
      if (fields.event === "over") this.on.over();
      // this visitor has more windows than there are streams: this one asks
      if (fields.event === "crowded") this.held = 2;
    }
    this.take(lines);
  }

  take(lines) {
    const fresh = lines.filter((line) => line.seq > this.after);
    if (!fresh.length) return;
    this.after = fresh.at(-1).seq;
    this.on.lines(fresh);
  }

  async poll(signal) {
    const until = Date.now() + TRY_STREAM_AGAIN_MS;
    while (!signal.aborted && Date.now() < until) {
      const found = await this.api.call("GET", `messages?after=${this.after}`);
      this.heardAt = Date.now();
      this.on.state("polling");
      this.take(found.lines);
      if (!found.more) await sleep(document.hidden ? POLL_HIDDEN_MS : POLL_MS, signal);
    }
    this.held = 1;
  }
}
