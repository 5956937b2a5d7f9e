/** The bodies of the staff API, as docs/architecture.md "Staff API" fixes them. Times are ISO 8601 with zone. */

export type Presence = 'online' | 'break' | 'offline'
export type Role = 'agent' | 'supervisor' | 'trainer'
export type Owner = 'bot' | 'waiting' | 'agent' | 'native'
export type Author = 'subscriber' | 'bot' | 'agent' | 'notice'
export type Delivery =
  | 'received'
  | 'queued'
  | 'sending'
  | 'handed_over'
  | 'sent'
  | 'refused'
  | 'unknown'
  | 'held'
  | 'dropped'

export interface Agent {
  agent_id: string
  login: string
  name: string
  role: Role
  status: Presence
  slots_used: number
  slots_max: number
  accounts: string[]
}

export interface Session {
  agent: Agent
  /** Null for a session that a token opened: such calls carry none. */
  csrf: string | null
  /** The service's time, which a service that is being tried out may move. */
  now: string
}

export interface Waiting {
  handoff_id: string
  conversation_id: string
  account: string
  subscriber: string
  reason: string
  skill: string
  priority: number
  position: number
  waiting_s: number
  requested_at: string
  wish: string
  intent: string | null
  /** The subscriber's own last words. */
  last_text: string
  epoch: number
  offered_to_me: boolean
}

export interface Offer {
  offer_id: string
  conversation_id: string
  expires_at: string
  expires_in_s: number
  waiting: Waiting
}

export interface Queue {
  waiting: Waiting[]
  offers: Offer[]
  online_agents: number
}

export interface Summary {
  conversation_id: string
  account: string
  subscriber: string
  owner: Owner
  epoch: number
  last_text: string
  last_at: string | null
  unread: number
  /** null where nobody counts (web chat). */
  purse_left: number | null
  /** When the first message came that no person has answered; null while the bot has the conversation. */
  waiting_since: string | null
}

export interface Purse {
  left: number
  of: number
  until: string | null
}

export interface Tried {
  name: string
  outcome: string
  [more: string]: unknown
}

export interface Handoff {
  handoff_id: string
  reason: string
  intent: string | null
  skill: string
  priority: number
  requested_at: string
  accepted_at: string | null
  wish: string
  proof_level: number
  ticket: string | null
  slots: Record<string, unknown>
  actions: Tried[]
  version: number
  rating: 'satisfied' | 'neutral' | 'unsatisfied' | null
  rated_at: string | null
}

export interface Message {
  position: number
  author: Author
  name: string | null
  text: string
  at: string
  status: Delivery
  reason: string | null
  turn_id: string | null
  client_id: string | null
  /** text, voice, image, video, shortvideo, location, link, unsupported or event; a voice's text is what a machine heard. */
  kind: string
  media: Media | null
  place: Place | null
  link: Link | null
}

/** A file of a message: at /api/v1/media/ID once it is fetched. */
export interface Media {
  media_id: string
  state: 'wanted' | 'fetched' | 'failed' | 'expired'
  content_type: string
  size: number
}

/** Degrees as WeChat gives them (GCJ-02). */
export interface Place {
  latitude: number
  longitude: number
  label: string
}

/** The subscriber's own: shown as text, opened by nobody. */
export interface Link {
  title: string
  description: string
  url: string
}

export interface Receipt {
  turn_id: string
  source: string
  query: string
  as_of: string | null
  figures: Record<string, unknown>
  proof_level: number
  line?: string | null
}

export interface Turn {
  turn_id: string
  intent: string | null
  confidence: number | null
  decision: string | null
  at: string
}

export interface Detail {
  conversation_id: string
  account: string
  subscriber: string
  owner: Owner
  epoch: number
  agent: { agent_id: string; name: string } | null
  /** null where nobody counts (web chat). */
  purse: Purse | null
  handoff: Handoff | null
  transcript: Message[]
  receipts: Receipt[]
  turns: Turn[]
  /** Of the code by which the subscriber came, or scanned last; empty when there was none. */
  scene: string
}

export type EventKind =
  | 'queue_changed'
  | 'conversation_changed'
  | 'offer_made'
  | 'offer_ended'
  | 'presence_changed'
  | 'resync'

export interface DeskEvent {
  seq: number
  kind: EventKind
  conversation_id: string | null
}

export interface ReplyBody {
  epoch: number
  text: string
  client_id: string
  seen_position: number
}

export interface PictureBody {
  epoch: number
  /** Base64. */
  content: string
  client_id: string
  seen_position: number
}

export interface Replied {
  message: Message
  purse?: Purse | null
}
