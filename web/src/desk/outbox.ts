/**
 * What the agent has sent and the server has not confirmed yet.
 *
 * Each text gets its client_id once, when the agent sends it, and keeps it through every retry: the server answers a repeated
 * client_id with the message it already has, so nothing can arrive twice. One conversation's texts go out one after the other.
 */
import { markRaw, reactive } from 'vue'

import { ApiError, type StaffApi } from '../api/client'
import { lastPosition, type Conversations } from './conversations'
import type { ReadyPicture } from './picture'

export type PendingState = 'posting' | 'failed' | 'conflict' | 'refused'

export interface Pending {
  client_id: string
  conversation_id: string
  text: string
  /** A picture in place of the text. */
  picture: ReadyPicture | null
  at: string
  state: PendingState
  /** Why it did not go through. */
  error: ApiError | null
  /** How far the agent had read when sending, or when confirming after a conflict. */
  seen: number
}

export interface Outbox {
  of(conversationId: string): Pending[]
  send(conversationId: string, text: string): Promise<void>
  sendPicture(conversationId: string, picture: ReadyPicture): Promise<void>
  /** Sends this one and what waits behind it again, under the same client_id. */
  retry(pending: Pending): Promise<void>
  /** The agent has read the newer message and sends all the same. */
  confirm(pending: Pending): Promise<void>
  discard(pending: Pending): void
  clear(): void
}

export interface OutboxOptions {
  newId?: () => string
  nowIso?: () => string
}

/** Also where `crypto.randomUUID` is missing: pages served over plain HTTP from another machine. */
export function newClientId(): string {
  const random = crypto.getRandomValues(new Uint32Array(4))
  return `c_${[...random].map((part) => part.toString(16).padStart(8, '0')).join('')}`
}

/** What a refused or unanswered call means for the text: worth a retry, a decision, or neither. */
function settle(pending: Pending, error: unknown): void {
  const why = error instanceof ApiError ? error : new ApiError('fault', 500)
  pending.error = markRaw(why)
  if (why.code === 'newer_message') pending.state = 'conflict'
  else if (why.unsure || why.status === 401 || why.status >= 429) pending.state = 'failed'
  else pending.state = 'refused'
}

export function createOutbox(api: StaffApi, conversations: Conversations, options: OutboxOptions = {}): Outbox {
  const waiting = reactive(new Map<string, Pending[]>())
  const chains = new Map<string, Promise<void>>()

  const of = (id: string): Pending[] => {
    const confirmed = new Set(conversations.get(id)?.transcript.map((message) => message.client_id))
    return (waiting.get(id) ?? []).filter((pending) => !confirmed.has(pending.client_id))
  }

  function discard(pending: Pending): void {
    const rest = (waiting.get(pending.conversation_id) ?? []).filter((one) => one.client_id !== pending.client_id)
    if (rest.length > 0) waiting.set(pending.conversation_id, rest)
    else waiting.delete(pending.conversation_id)
  }

  async function post(pending: Pending): Promise<void> {
    const id = pending.conversation_id
    const ahead = of(id).find((one) => one.state !== 'posting')
    if (ahead) {
      pending.state = 'failed'
      pending.error = markRaw(new ApiError('behind_unsent', 409))
      return
    }
    const detail = conversations.get(id)
    const body = { epoch: detail?.epoch ?? 0, client_id: pending.client_id, seen_position: pending.seen }
    try {
      const replied = pending.picture
        ? await api.picture(id, { ...body, content: pending.picture.content })
        : await api.reply(id, { ...body, text: pending.text })
      conversations.put(id, replied)
      conversations.markSeen(id, replied.message.position)
      discard(pending)
    } catch (error) {
      settle(pending, error)
      // What the server has decides: the newer message, the new owner, or that the text did arrive after all.
      await conversations.refresh(id).catch(() => undefined)
    }
  }

  function enqueue(pending: Pending): Promise<void> {
    const id = pending.conversation_id
    const step = (chains.get(id) ?? Promise.resolve()).then(() => post(pending))
    chains.set(id, step)
    return step
  }

  async function retry(pending: Pending): Promise<void> {
    const line = of(pending.conversation_id)
    const from = line.findIndex((one) => one.client_id === pending.client_id)
    if (from < 0) return
    const again = line.slice(from).filter((one) => one === line[from] || one.state === 'failed')
    for (const one of again) {
      one.state = 'posting'
      one.error = null
    }
    await Promise.all(again.map(enqueue))
  }

  async function add(conversationId: string, text: string, picture: ReadyPicture | null): Promise<void> {
    const pending = reactive<Pending>({
      client_id: (options.newId ?? newClientId)(),
      conversation_id: conversationId,
      text,
      picture: picture && markRaw(picture),
      at: (options.nowIso ?? (() => new Date().toISOString()))(),
      state: 'posting',
      error: null,
      seen: conversations.seen(conversationId),
    })
    waiting.set(conversationId, [...(waiting.get(conversationId) ?? []), pending])
    await enqueue(pending)
  }

  return {
    of,
    retry,
    discard,
    send: (conversationId, text) => add(conversationId, text, null),
    sendPicture: (conversationId, picture) => add(conversationId, '', picture),
    async confirm(pending) {
      const detail = conversations.get(pending.conversation_id)
      if (detail) pending.seen = lastPosition(detail)
      await retry(pending)
    },
    clear: () => waiting.clear(),
  }
}
