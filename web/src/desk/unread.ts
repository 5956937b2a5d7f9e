/** How many messages of each conversation this page has not shown yet. The server counts what is unanswered; seen is our own business. */
import { reactive } from 'vue'

import type { Summary } from '../api/types'

type Counted = Pick<Summary, 'conversation_id' | 'unread'>

export interface Unread {
  of(summary: Counted): number
  /** Takes the newest list; `watched` says which conversation is on the screen of somebody who looks. */
  update(summaries: readonly Counted[], watched: (conversationId: string) => boolean): void
}

export function createUnread(): Unread {
  const seen = reactive(new Map<string, number>())

  return {
    of: (summary) => Math.max(0, summary.unread - (seen.get(summary.conversation_id) ?? 0)),
    update(summaries, watched) {
      for (const { conversation_id: id, unread } of summaries) {
        const before = seen.get(id) ?? 0
        // An answer sets the server's count back, so what was seen of it goes back with it.
        const now = watched(id) ? unread : Math.min(before, unread)
        if (now !== before) seen.set(id, now)
      }
    },
  }
}
