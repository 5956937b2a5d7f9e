/** The conversations that are open on this page, each as new as any answer that came in, and how far the agent has read. */
import { reactive } from 'vue'

import type { StaffApi } from '../api/client'
import type { Detail, Replied } from '../api/types'
import { coalesce } from '../live/coalesce'

export function lastPosition(detail: Pick<Detail, 'transcript'>): number {
  return detail.transcript.reduce((most, message) => Math.max(most, message.position), 0)
}

/** Answers may overtake each other: the one of the higher epoch, or with the longer transcript, is the newer. */
export function newer(have: Detail | undefined, got: Detail): boolean {
  if (!have || got.epoch > have.epoch) return true
  return got.epoch === have.epoch && lastPosition(got) >= lastPosition(have)
}

export interface Conversations {
  get(id: string): Detail | undefined
  known(): string[]
  apply(detail: Detail): void
  /** Puts the message that the server has just confirmed into the transcript. */
  put(id: string, replied: Replied): void
  refresh(id: string): Promise<void>
  seen(id: string): number
  markSeen(id: string, position: number): void
  clear(): void
}

export function createConversations(api: StaffApi, onDetail: (detail: Detail) => void = () => undefined): Conversations {
  const details = reactive(new Map<string, Detail>())
  const seen = reactive(new Map<string, number>())
  const refreshers = new Map<string, () => Promise<void>>()

  function apply(detail: Detail): void {
    onDetail(detail)
    if (newer(details.get(detail.conversation_id), detail)) details.set(detail.conversation_id, detail)
  }

  function refresher(id: string): () => Promise<void> {
    let found = refreshers.get(id)
    if (!found) {
      found = coalesce(async () => apply(await api.conversation(id)))
      refreshers.set(id, found)
    }
    return found
  }

  return {
    get: (id) => details.get(id),
    known: () => [...details.keys()],
    apply,
    put(id, { message, purse }) {
      const detail = details.get(id)
      if (!detail) return
      const others = detail.transcript.filter((one) => one.position !== message.position)
      const transcript = [...others, message].sort((a, b) => a.position - b.position)
      details.set(id, { ...detail, transcript, purse: purse ?? detail.purse })
    },
    refresh: (id) => refresher(id)(),
    seen: (id) => seen.get(id) ?? 0,
    markSeen(id, position) {
      if (position > (seen.get(id) ?? 0)) seen.set(id, position)
    },
    clear() {
      details.clear()
      seen.clear()
      refreshers.clear()
    },
  }
}
