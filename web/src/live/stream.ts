/**
 * What changed, from the server, in order: SSE that resumes by sequence number, polling where SSE does not come through.
 *
 * Every opening is followed by a catch-up (the page refetches what it shows): the subscription exists first, the state is fetched
 * second, so nothing falls between. Until that is done `state` is not `live` and the composer stays shut.
 */
import { ref, type Ref } from 'vue'

import type { DeskEvent } from '../api/types'

export type LiveState = 'connecting' | 'live' | 'polling' | 'reconnecting'

/** The part of EventSource that is used, so that tests can play the server. */
export interface Source {
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent<string>) => void) | null
  onerror: ((event: Event) => void) | null
  close(): void
}

export interface StreamOptions {
  url: (after: number) => string
  open?: (url: string) => Source
  onEvent: (event: DeskEvent) => void
  /** Refetches everything the page shows; rejects when the server cannot be reached. */
  catchUp: () => Promise<void>
  retryMs?: (failures: number) => number
  pollMs?: number
  /** Openings that may fail in a row before polling begins. */
  tolerated?: number
}

export interface Stream {
  state: Ref<LiveState>
  start(): void
  stop(): void
  /** Opens anew at once: the machine woke up, the network is back, a heartbeat went through again. */
  reopen(): void
}

function patience(failures: number): number {
  return Math.min(15_000, 500 * 2 ** Math.min(failures, 5))
}

function parse(data: string): DeskEvent | null {
  try {
    const event = JSON.parse(data) as DeskEvent
    return typeof event.kind === 'string' ? event : null
  } catch {
    return null
  }
}

class LiveStream implements Stream {
  readonly state = ref<LiveState>('connecting')
  private source: Source | null = null
  private after = 0
  private failures = 0
  private generation = 0
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private pollTimer: ReturnType<typeof setTimeout> | undefined
  private readonly tolerated: number

  constructor(private readonly options: StreamOptions) {
    this.tolerated = options.tolerated ?? 2
  }

  start(): void {
    this.stop()
    this.state.value = 'connecting'
    this.failures = 0
    this.connect()
  }

  stop(): void {
    this.generation += 1
    clearTimeout(this.retryTimer)
    clearTimeout(this.pollTimer)
    this.pollTimer = undefined
    this.source?.close()
    this.source = null
  }

  reopen(): void {
    if (this.state.value === 'live') this.state.value = 'reconnecting'
    this.connect()
  }

  private connect(): void {
    clearTimeout(this.retryTimer)
    this.source?.close()
    this.generation += 1
    const mine = this.generation
    const open = this.options.open ?? ((url) => new EventSource(url, { withCredentials: true }))
    const source = open(this.options.url(this.after))
    this.source = source
    source.onopen = () => void this.opened(mine)
    source.onmessage = (message) => this.received(mine, message)
    source.onerror = () => this.failed(mine)
  }

  private async opened(mine: number): Promise<void> {
    if (mine !== this.generation) return
    try {
      await this.options.catchUp()
    } catch {
      this.failed(mine)
      return
    }
    if (mine !== this.generation) return
    this.failures = 0
    clearTimeout(this.pollTimer)
    this.pollTimer = undefined
    this.state.value = 'live'
  }

  private received(mine: number, message: MessageEvent<string>): void {
    if (mine !== this.generation) return
    const event = parse(message.data)
    if (!event) return
    const seq = Number(event.seq ?? message.lastEventId)
    // A resync may restart the numbering; anything else that is not newer was seen before the connection broke.
    if (event.kind !== 'resync' && seq <= this.after) return
    if (Number.isFinite(seq)) this.after = seq
    this.options.onEvent(event)
  }

  private failed(mine: number): void {
    if (mine !== this.generation) return
    this.generation += 1
    const waiting = this.generation
    this.source?.close()
    this.source = null
    this.failures += 1
    if (this.state.value !== 'polling') this.state.value = 'reconnecting'
    if (this.failures > this.tolerated && !this.pollTimer) this.poll()
    const wait = (this.options.retryMs ?? patience)(this.failures)
    this.retryTimer = setTimeout(() => {
      if (waiting === this.generation) this.connect()
    }, wait)
  }

  private poll(): void {
    const again = () => {
      this.pollTimer = setTimeout(() => void run(), this.options.pollMs ?? 5_000)
    }
    const run = async () => {
      const timer = this.pollTimer
      let reached = true
      try {
        await this.options.catchUp()
      } catch {
        reached = false
      }
      if (timer !== this.pollTimer || timer === undefined) return
      if (this.state.value !== 'live') this.state.value = reached ? 'polling' : 'reconnecting'
      again()
    }
    this.pollTimer = setTimeout(() => void run(), 0)
  }
}

export function createStream(options: StreamOptions): Stream {
  return new LiveStream(options)
}
