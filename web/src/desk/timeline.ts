/** The transcript as rows to draw: separators between days, who speaks when the speaker changes, one row per message. */
import type { Author, Message, Turn } from '../api/types'
import { dayKey } from '../format/time'

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'message'; key: string; message: Message; headed: boolean; unread: boolean }

/** While a person answers, and when one is rated, nothing is understood: such turns have nothing to show. */
export const understood = (turn: Turn): boolean => Boolean(turn.intent) || (Boolean(turn.decision) && turn.decision !== 'rated')

const PAUSE_MS = 5 * 60_000

/** Whether a message begins a new block: another author or name, another day, or a pause. */
function begins(before: Message | null, message: Message): boolean {
  if (!before || before.author !== message.author || before.name !== message.name) return true
  return Date.parse(message.at) - Date.parse(before.at) > PAUSE_MS
}

/** `firstUnread` is the position from which on the agent has not read yet, to draw the mark; null for none. */
export function rows(transcript: Message[], firstUnread: number | null = null): Row[] {
  const out: Row[] = []
  let day = ''
  let before: Message | null = null
  for (const message of transcript) {
    const today = dayKey(message.at)
    if (today !== day) {
      out.push({ kind: 'day', key: `day-${today}-${message.position}`, at: message.at })
      day = today
      before = null
    }
    const unread = message.position === firstUnread
    out.push({ kind: 'message', key: `m-${message.position}`, message, headed: unread || begins(before, message), unread })
    before = message
  }
  return out
}

const OURS: ReadonlySet<Author> = new Set(['bot', 'agent'])

/** Whether the row stands on our side, where delivery is shown. */
export function ours(author: Author): boolean {
  return OURS.has(author)
}

/** Subscriber messages later than what has been read, oldest first. */
export function unreadFrom(transcript: Message[], seen: number): Message[] {
  return transcript.filter((message) => message.author === 'subscriber' && message.position > seen)
}

/** Positions of the bot's bubbles that show the way to their sources: the last one of each turn that has receipts. */
export function sourcedAt(transcript: Message[], turnsWithReceipts: ReadonlySet<string>): Set<number> {
  const last = new Map<string, number>()
  for (const { author, turn_id, position } of transcript) {
    if (author === 'bot' && turn_id !== null && turnsWithReceipts.has(turn_id)) last.set(turn_id, position)
  }
  return new Set(last.values())
}
