/** The desk: what an agent sees and does, composed of lists, conversations, outbox and the live stream. */
import { computed, ref, watch, type ComputedRef, type InjectionKey, type Ref } from 'vue'

import { ApiError, type StaffApi } from '../api/client'
import type { Agent, DeskEvent, Detail, Offer } from '../api/types'
import { createServiceClock, type ServiceClock } from '../live/clock'
import { createStream, type LiveState, type Source } from '../live/stream'
import { startHeartbeat } from '../session/heartbeat'
import type { SessionStore } from '../session/store'
import { createConversations, type Conversations } from './conversations'
import { createLists, type Lists } from './lists'
import { createOutbox, type Outbox } from './outbox'

export interface Desk {
  clock: ServiceClock
  lists: Lists
  conversations: Conversations
  outbox: Outbox
  live: Ref<LiveState>
  currentId: Ref<string | null>
  current: ComputedRef<Detail | null>
  currentError: Ref<unknown>
  /** What the agent has typed and not sent, by conversation. */
  drafts: Map<string, string>
  /** Conversations whose offer the agent has answered, one way or the other. */
  acted: Set<string>
  start(): void
  stop(): void
  open(id: string | null): void
  isMine(detail: Detail | null): boolean
  accept(conversationId: string, epoch: number): Promise<void>
  decline(offer: Offer): Promise<void>
  resolve(detail: Detail, note: string, learned: Record<string, string>): Promise<void>
  release(detail: Detail): Promise<void>
  /** Tells the subscriber that someone is writing; at most once in ten seconds per conversation. */
  typing(conversationId: string): void
}

export const deskKey: InjectionKey<Desk> = Symbol('desk')

export interface DeskOptions {
  openSource?: (url: string) => Source
  clock?: ServiceClock
  typingEveryMs?: number
  /** Lists are asked again this often even while events come: a row that no event told of shows up all the same. */
  sweepMs?: number
}

class DeskStore implements Desk {
  readonly clock: ServiceClock
  readonly lists: Lists
  readonly conversations: Conversations
  readonly outbox: Outbox
  readonly live: Ref<LiveState>
  readonly currentId = ref<string | null>(null)
  readonly currentError = ref<unknown>(null)
  readonly current: ComputedRef<Detail | null>
  readonly drafts = new Map<string, string>()
  readonly acted = new Set<string>()
  private readonly stream
  private readonly typed = new Map<string, number>()
  private stopHeartbeat: (() => void) | null = null
  private sweep: ReturnType<typeof setInterval> | undefined

  constructor(
    private readonly api: StaffApi,
    private readonly session: SessionStore,
    private readonly options: DeskOptions,
  ) {
    this.clock = options.clock ?? createServiceClock({ storage: sessionStorage })
    this.lists = createLists(api, this.clock)
    this.conversations = createConversations(api, (detail) => this.clock.learnDetail(detail))
    this.outbox = createOutbox(api, this.conversations, { nowIso: () => new Date(this.clock.now.value).toISOString() })
    this.current = computed(() => (this.currentId.value ? (this.conversations.get(this.currentId.value) ?? null) : null))
    this.stream = createStream({
      url: (after) => api.eventsUrl(after),
      open: options.openSource,
      onEvent: (event) => this.happened(event),
      catchUp: () => this.refetchAll(),
    })
    this.live = this.stream.state
  }

  start(): void {
    this.clock.start()
    this.stream.start()
    this.stopHeartbeat?.()
    this.stopHeartbeat = startHeartbeat({
      beat: () => this.session.heartbeat(),
      onRecovered: () => this.stream.reopen(),
    })
    clearInterval(this.sweep)
    this.sweep = setInterval(() => this.quietly(this.lists.refreshQueue(), this.lists.refreshMine()), this.options.sweepMs ?? 30_000)
  }

  stop(): void {
    this.stream.stop()
    this.clock.stop()
    this.stopHeartbeat?.()
    this.stopHeartbeat = null
    clearInterval(this.sweep)
  }

  open(id: string | null): void {
    this.currentId.value = id
    this.currentError.value = null
    if (id) void this.refreshCurrent(id)
  }

  isMine(detail: Detail | null): boolean {
    return detail?.owner === 'agent' && detail.agent?.agent_id === this.session.agent.value?.agent_id
  }

  async accept(conversationId: string, epoch: number): Promise<void> {
    this.acted.add(conversationId)
    try {
      this.conversations.apply(await this.api.accept(conversationId, epoch))
    } finally {
      this.quietly(this.lists.refreshQueue(), this.lists.refreshMine(), this.session.refresh())
    }
  }

  async decline(offer: Offer): Promise<void> {
    this.acted.add(offer.conversation_id)
    this.lists.dropOffer(offer.offer_id)
    try {
      await this.api.decline(offer.offer_id)
    } finally {
      this.quietly(this.lists.refreshQueue())
    }
  }

  async resolve(detail: Detail, note: string, learned: Record<string, string>): Promise<void> {
    await this.handBack(detail, () => this.api.resolve(detail.conversation_id, detail.epoch, note, learned))
  }

  async release(detail: Detail): Promise<void> {
    await this.handBack(detail, () => this.api.release(detail.conversation_id, detail.epoch))
  }

  typing(conversationId: string): void {
    const now = performance.now()
    const last = this.typed.get(conversationId)
    if (last !== undefined && now - last < (this.options.typingEveryMs ?? 10_000)) return
    this.typed.set(conversationId, now)
    this.quietly(this.api.typing(conversationId))
  }

  private async handBack(detail: Detail, step: () => Promise<Detail>): Promise<void> {
    try {
      this.conversations.apply(await step())
      this.drafts.delete(detail.conversation_id)
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) this.quietly(this.conversations.refresh(detail.conversation_id))
      throw error
    } finally {
      this.quietly(this.lists.refreshQueue(), this.lists.refreshMine(), this.lists.refreshRecent(), this.session.refresh())
    }
  }

  private happened(event: DeskEvent): void {
    const { lists, session } = this
    if (event.kind === 'resync') return this.quietly(this.refetchAll(), session.refresh())
    if (event.kind === 'presence_changed') return this.quietly(session.refresh(), lists.refreshQueue())
    if (event.kind === 'conversation_changed') {
      this.quietly(lists.refreshMine(), lists.refreshRecent())
      if (event.conversation_id && event.conversation_id === this.currentId.value) void this.refreshCurrent(event.conversation_id)
      return
    }
    this.quietly(lists.refreshQueue())
  }

  private async refreshCurrent(id: string): Promise<void> {
    try {
      await this.conversations.refresh(id)
      if (this.currentId.value === id) this.currentError.value = null
    } catch (error) {
      if (this.currentId.value === id) this.currentError.value = error
    }
  }

  private async refetchAll(): Promise<void> {
    const { lists } = this
    const id = this.currentId.value
    await Promise.all([lists.refreshQueue(), lists.refreshMine(), lists.refreshRecent(), this.session.refresh()])
    if (!id) return
    await this.refreshCurrent(id)
    const error = this.currentError.value
    // A conversation that is gone or forbidden is no reason to call the line dead; no answer is.
    if (error && !(error instanceof ApiError && error.status >= 400 && error.status < 500)) throw error
  }

  /** Refreshes beside what the agent does: their failure shows in the state of the line, not as an error of the action. */
  private quietly(...steps: Promise<unknown>[]): void {
    for (const step of steps) step.catch(() => undefined)
  }
}

export function createDesk(api: StaffApi, session: SessionStore, options: DeskOptions = {}): Desk {
  const desk = new DeskStore(api, session, options)
  // What belongs to one agent does not stay for the next one who signs in on this page.
  let last: string | null = null
  watch(
    () => (session.agent.value as Agent | null)?.agent_id ?? null,
    (id) => {
      if (id === null) return desk.stop()
      if (last !== null && last !== id) {
        desk.lists.clear()
        desk.conversations.clear()
        desk.outbox.clear()
        desk.drafts.clear()
      }
      last = id
    },
    { flush: 'sync' },
  )
  return desk
}
