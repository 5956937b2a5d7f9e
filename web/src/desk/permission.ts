/** Whether the agent may write now, and if not, which sentence says why. Rules only: no network, no page. */
import type { Detail } from '../api/types'
import type { LiveState } from '../live/stream'

export interface Situation {
  detail: Detail
  mine: boolean
  live: LiveState
  /** Seconds until WeChat takes nothing more; null when not known. */
  windowLeft: number | null
  /** A text waits for the agent's decision. */
  conflict: boolean
}

export interface Permission {
  allowed: boolean
  /** Key of the sentence under composer.…, or null when there is nothing to say. */
  says: string | null
}

type Rule = (now: Situation) => Permission | null

const no = (says: string | null): Permission => ({ allowed: false, says })

/** The first rule that has something to say decides: who owns the chat, then the line, then WeChat's window, then the purse. */
const RULES: readonly Rule[] = [
  ({ detail }) => (detail.owner === 'waiting' ? no('waiting') : null),
  ({ detail }) => (detail.owner === 'bot' ? no(detail.handoff?.accepted_at ? 'ended' : 'bot') : null),
  ({ mine }) => (mine ? null : no('notOwner')),
  ({ live }) => (live === 'live' || live === 'polling' ? null : no('catchingUp')),
  ({ windowLeft }) => (windowLeft !== null && windowLeft <= 0 ? no('expired') : null),
  ({ conflict }) => (conflict ? no(null) : null),
  ({ detail }) => (detail.purse && detail.purse.left <= 0 ? { allowed: true, says: 'purseEmpty' } : null),
  ({ detail }) => (detail.purse?.left === 1 ? { allowed: true, says: 'purseLast' } : null),
]

export function mayWrite(now: Situation): Permission {
  for (const rule of RULES) {
    const verdict = rule(now)
    if (verdict) return verdict
  }
  return { allowed: true, says: null }
}
