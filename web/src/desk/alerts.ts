/** Makes itself heard: a tone, the page's title, a desktop notification; repeated for as long as something waits to be accepted. */

export interface AlertText {
  title: string
  body: string
}

export interface AlertOptions {
  beep: (kind: 'offer' | 'message') => void
  notify: (text: AlertText, tag: string) => void
  setTitle: (title: string) => void
  plainTitle: () => string
  repeatMs?: number
  flashMs?: number
}

export interface Alerts {
  /** Sounds until `calm` is called. Calling it again with the same tag changes nothing. */
  insist(tag: string, text: AlertText): void
  calm(tag: string): void
  /** Once, softly. */
  mention(text: AlertText, tag: string): void
  stop(): void
}

export function createAlerts(options: AlertOptions): Alerts {
  const insisting = new Map<string, AlertText>()
  let repeat: ReturnType<typeof setInterval> | undefined
  let flash: ReturnType<typeof setInterval> | undefined
  let lit = false

  function newest(): AlertText | undefined {
    return [...insisting.values()].at(-1)
  }

  function quiet(): void {
    clearInterval(repeat)
    clearInterval(flash)
    repeat = undefined
    flash = undefined
    lit = false
    options.setTitle(options.plainTitle())
  }

  function begin(): void {
    if (repeat) return
    repeat = setInterval(() => options.beep('offer'), options.repeatMs ?? 4_000)
    flash = setInterval(() => {
      lit = !lit
      options.setTitle(lit ? (newest()?.title ?? options.plainTitle()) : options.plainTitle())
    }, options.flashMs ?? 1_000)
  }

  return {
    insist(tag, text) {
      if (insisting.has(tag)) return
      insisting.set(tag, text)
      options.beep('offer')
      options.notify(text, tag)
      options.setTitle(text.title)
      lit = true
      begin()
    },
    calm(tag) {
      if (insisting.delete(tag) && insisting.size === 0) quiet()
    },
    mention(text, tag) {
      options.beep('message')
      options.notify(text, tag)
    },
    stop() {
      insisting.clear()
      quiet()
    },
  }
}
