/** Tells the server every ten seconds that this agent is there (its lease is thirty), and notices when the machine slept. */

export interface HeartbeatOptions {
  beat: () => Promise<void>
  /** A beat went through after one that did not, or after the machine slept: what is shown may be old. */
  onRecovered: () => void
  everyMs?: number
  now?: () => number
}

export function startHeartbeat(options: HeartbeatOptions): () => void {
  const every = options.everyMs ?? 10_000
  const now = options.now ?? (() => Date.now())
  let last = now()
  let missed = false

  async function beat(): Promise<void> {
    const slept = now() - last > every * 3
    last = now()
    try {
      await options.beat()
    } catch {
      missed = true
      return
    }
    if (missed || slept) options.onRecovered()
    missed = false
  }

  const timer = setInterval(() => void beat(), every)
  const back = () => void beat()
  window.addEventListener('online', back)
  void beat()
  return () => {
    clearInterval(timer)
    window.removeEventListener('online', back)
  }
}
