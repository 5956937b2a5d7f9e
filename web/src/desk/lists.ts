/** The queue, the offers and the lists of conversations. All are queries, asked again when something changed; never pushed state. */
import { computed, ref, type ComputedRef, type Ref } from 'vue'

import type { StaffApi } from '../api/client'
import type { Offer, Queue, Summary, Waiting } from '../api/types'
import { coalesce } from '../live/coalesce'
import type { ServiceClock } from '../live/clock'

export interface Lists {
  waiting: ComputedRef<Waiting[]>
  offers: ComputedRef<Offer[]>
  onlineAgents: ComputedRef<number>
  mine: ComputedRef<Summary[]>
  recent: Ref<Summary[]>
  loaded: Ref<boolean>
  /** Seconds this one has waited by now. */
  waitingSeconds(waiting: Waiting): number
  /** Seconds until this offer goes to somebody else; never below 0. */
  offerSeconds(offer: Offer): number
  refreshQueue(): Promise<void>
  refreshMine(): Promise<void>
  refreshRecent(): Promise<void>
  /** Takes an offer off the page at once, before the server's next answer. */
  dropOffer(offerId: string): void
  clear(): void
}

const EMPTY: Queue = { waiting: [], offers: [], online_agents: 0 }

const moment = (at: string | null) => (at ? Date.parse(at) : 0)

/** Who waits for an answer comes first, the longest waiting on top; the rest by what happened last. */
export function byUrgency(a: Summary, b: Summary): number {
  if (a.waiting_since !== null && b.waiting_since !== null) return moment(a.waiting_since) - moment(b.waiting_since)
  if (a.waiting_since !== null || b.waiting_since !== null) return a.waiting_since !== null ? -1 : 1
  return moment(b.last_at) - moment(a.last_at)
}

export function createLists(api: StaffApi, clock: ServiceClock): Lists {
  const queue = ref<Queue>(EMPTY)
  const fetchedAt = ref(0)
  const dropped = ref(new Set<string>())
  const mine = ref<Summary[]>([])
  const recent = ref<Summary[]>([])
  const loaded = ref(false)

  const left = (offer: Offer) => offer.expires_in_s - since()
  const since = () => Math.max(0, (clock.steady.value - fetchedAt.value) / 1000)

  const refreshQueue = coalesce(async () => {
    const answer = await api.queue()
    clock.learnQueue(answer)
    queue.value = answer
    fetchedAt.value = clock.steady.value
    const live = new Set(answer.offers.map((offer) => offer.offer_id))
    dropped.value = new Set([...dropped.value].filter((id) => live.has(id)))
    loaded.value = true
  })

  return {
    waiting: computed(() => [...queue.value.waiting].sort((a, b) => a.position - b.position)),
    offers: computed(() => queue.value.offers.filter((offer) => !dropped.value.has(offer.offer_id) && left(offer) > -1.5)),
    onlineAgents: computed(() => queue.value.online_agents),
    mine: computed(() => [...mine.value].sort(byUrgency)),
    recent,
    loaded,
    waitingSeconds: (waiting) => waiting.waiting_s + since(),
    offerSeconds: (offer) => Math.max(0, left(offer)),
    refreshQueue,
    refreshMine: coalesce(async () => {
      mine.value = await api.conversations('mine')
    }),
    refreshRecent: coalesce(async () => {
      recent.value = await api.conversations('recent')
    }),
    dropOffer: (offerId) => {
      dropped.value = new Set([...dropped.value, offerId])
    },
    clear() {
      queue.value = EMPTY
      mine.value = []
      recent.value = []
      loaded.value = false
    },
  }
}
