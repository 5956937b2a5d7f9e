/**
 * Turns any number of "this changed" into as few fetches as give the newest state: one in flight, at most one more behind it.
 * The promise is settled when a fetch that began after the call has ended.
 */
export function coalesce(fetchIt: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null

  async function start(): Promise<void> {
    try {
      await fetchIt()
    } finally {
      running = null
    }
  }

  return () => {
    if (!running) {
      running = start()
      return running
    }
    if (!next) {
      next = running
        .catch(() => undefined)
        .then(() => {
          next = null
          running = start()
          return running
        })
    }
    return next
  }
}
