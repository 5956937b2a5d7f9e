/**
 * The service's clock as the browser can know it. The browser's own may be wrong, and a service that is being tried out may run at
 * another date altogether, so moments are never compared with `Date.now()`: the difference is learnt from the session's answers,
 * which say what time it is there, and from those that say both a moment and how far away it is.
 */
import { computed, ref, type ComputedRef, type Ref } from 'vue'

import type { Detail, Queue } from '../api/types'

export interface ServiceClock {
  /** Milliseconds since 1970 on the service's clock; ticks once a second while started. */
  now: ComputedRef<number>
  /** A steady count of milliseconds, for "so long since the answer came". Ticks together with `now`. */
  steady: Ref<number>
  /** Whether the difference was learnt; before that only a lower bound is known and nothing should be called over. */
  known: ComputedRef<boolean>
  learnNow(now: string): void
  learnQueue(queue: Queue): void
  learnDetail(detail: Detail): void
  start(): void
  stop(): void
}

const KEPT = 'weiting.clock'

export interface ClockOptions {
  wall?: () => number
  steady?: () => number
  storage?: Pick<Storage, 'getItem' | 'setItem'>
}

export function createServiceClock(options: ClockOptions = {}): ServiceClock {
  const wall = options.wall ?? (() => Date.now())
  const monotonic = options.steady ?? (() => performance.now())
  const kept = options.storage?.getItem(KEPT) ?? null
  const exact = ref<number | null>(kept === null || Number.isNaN(Number(kept)) ? null : Number(kept))
  const atLeast = ref(0)
  const tick = ref(wall())
  const steady = ref(monotonic())
  let timer: ReturnType<typeof setInterval> | undefined

  function step(): void {
    tick.value = wall()
    steady.value = monotonic()
  }

  function learn(momentMs: number): void {
    if (Number.isNaN(momentMs)) return
    exact.value = momentMs - wall()
    options.storage?.setItem(KEPT, String(Math.round(exact.value)))
  }

  return {
    now: computed(() => tick.value + (exact.value ?? atLeast.value)),
    steady,
    known: computed(() => exact.value !== null),
    learnNow(now) {
      learn(Date.parse(now))
      step()
    },
    learnQueue(queue) {
      const offer = queue.offers[0]
      const waiting = queue.waiting[0]
      if (offer) learn(Date.parse(offer.expires_at) - offer.expires_in_s * 1000)
      else if (waiting) learn(Date.parse(waiting.requested_at) + waiting.waiting_s * 1000)
      step()
    },
    learnDetail(detail) {
      const newest = Math.max(...detail.transcript.map((message) => Date.parse(message.at)))
      const ahead = newest - wall()
      if (!Number.isFinite(ahead)) return
      if (exact.value === null) atLeast.value = Math.max(atLeast.value, ahead)
      // The service's clock was moved on: what was learnt before is behind what has already happened.
      else if (ahead > exact.value) exact.value = ahead
    },
    start() {
      clearInterval(timer)
      step()
      timer = setInterval(step, 1000)
    },
    stop: () => clearInterval(timer),
  }
}
