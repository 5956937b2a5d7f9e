// The calls. A refusal of the service's is a CallFailed with its status; a network that is away is one with status 0.
const WITHIN_MS = 15000;

export class CallFailed extends Error {
  constructor(status, code, waitS) {
    super(code);
    this.status = status;
    this.code = code;
    this.waitS = waitS;
  }

  // Worth trying again as it is.
  get passes() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const refusalOf = async (answer) => {
  const said = await answer.json().catch(() => ({}));
  const error = said.error || {};
  return new CallFailed(answer.status, error.code || "unreadable", Number(error.retry_after_s || answer.headers.get("Retry-After")) || 0);
};

export class Api {
  // onLost(code): the service does not know this visitor (any more).
  constructor(base, drawer, onLost) {
    this.base = base;
    this.drawer = drawer;
    this.onLost = onLost;
    this.pictures = new Map();
  }

  get session() {
    return this.drawer.get("session");
  }

  headers(more) {
    const session = this.session;
    return { ...(session ? { Authorization: `Bearer ${session.token}` } : {}), ...more };
  }

  // A new visitor, or a new token for the one that is kept here.
  async begin() {
    const begun = await this.call("POST", "session");
    this.drawer.put("session", { token: begun.token, visitor: begun.visitor, expires: begun.expires, at: Date.now() });
    return begun;
  }

  // The address of a picture that the page holds: an <img> of its own could not show the token.
  async picture(seq) {
    const known = this.pictures.get(seq);
    if (known) return known;
    const answer = await fetch(`${this.base}/pictures?seq=${seq}`, { headers: this.headers(), cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw await refusalOf(answer);
    const address = URL.createObjectURL(await answer.blob());
    this.pictures.set(seq, address);
    return address;
  }

  forgetPictures() {
    for (const address of this.pictures.values()) URL.revokeObjectURL(address);
    this.pictures.clear();
  }

  async call(method, path, body) {
    const timer = new AbortController();
    const clock = setTimeout(() => timer.abort(), WITHIN_MS);
    const used = this.session?.token;
    try {
      const answer = await fetch(`${this.base}/${path}`, {
        method,
        headers: this.headers(body ? { "Content-Type": "application/json" } : {}),
        body: body ? JSON.stringify(body) : undefined,
        cache: "no-store",
        credentials: "omit",
        signal: timer.signal,
      });
      if (!answer.ok) throw await refusalOf(answer);
      return answer.status === 204 ? {} : await answer.json();
    } catch (problem) {
      const failed = problem instanceof CallFailed ? problem : new CallFailed(0, "unreachable", 0);
      if (failed.status !== 401) throw failed;
      // another tab may have a new token already: with that one it is worth trying again
      if (used && this.session && this.session.token !== used) throw new CallFailed(0, "unreachable", 0);
      if (used) this.onLost(failed.code);
      throw failed;
    } finally {
      clearTimeout(clock);
    }
  }
}
