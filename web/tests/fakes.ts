/** A server in memory, with the rules of the real one that the pages lean on: epochs, one message per client_id, what has been read. */
import { ApiError, type StaffApi } from '../src/api/client'
import type { Agent, Detail, Message, Offer, PictureBody, Queue, Replied, ReplyBody, Session, Summary, Waiting } from '../src/api/types'
import type { Source } from '../src/live/stream'

export const AGENT: Agent = {
  agent_id: 'a_1', login: 'lin', name: '林晓', role: 'agent', status: 'online', slots_used: 0, slots_max: 3, accounts: ['demo'],
}

export function aMessage(position: number, more: Partial<Message> = {}): Message {
  return {
    position, author: 'subscriber', name: null, text: `第 ${position} 句`, at: `2026-11-22T20:0${position % 10}:00+08:00`, status: 'received',
    reason: null, turn_id: null, client_id: null, kind: 'text', media: null, place: null, link: null, ...more,
  }
}

export function aDetail(more: Partial<Detail> = {}): Detail {
  return {
    conversation_id: 'c_1', account: 'demo', subscriber: '访客 7F3A', owner: 'agent', epoch: 3, agent: { agent_id: 'a_1', name: '林晓' },
    purse: { left: 5, of: 5, until: '2026-11-24T20:00:00+08:00' }, handoff: null, transcript: [aMessage(1)], receipts: [], turns: [], scene: '', ...more,
  }
}

export function aWaiting(more: Partial<Waiting> = {}): Waiting {
  return {
    handoff_id: 'h_1', conversation_id: 'c_9', account: 'demo', subscriber: '访客 C401', reason: 'asked', skill: 'general', priority: 0, position: 1,
    waiting_s: 40, requested_at: '2026-11-22T20:00:00+08:00', wish: '要人工', intent: 'request_human', last_text: '人工', epoch: 2, offered_to_me: false, ...more,
  }
}

export function anOffer(more: Partial<Offer> = {}): Offer {
  return { offer_id: 'o_1', conversation_id: 'c_9', expires_at: '2026-11-22T20:01:00+08:00', expires_in_s: 20, waiting: aWaiting(), ...more }
}

export class FakeApi implements StaffApi {
  details = new Map<string, Detail>()
  queued: Queue = { waiting: [], offers: [], online_agents: 1 }
  summaries: Summary[] = []
  calls: string[] = []
  signedIn = true
  now = '2026-11-22T20:00:00+08:00'
  /** The next replies end so: an error before the server did anything, or after it stored the message. */
  faults: ('refuse' | 'lose' | ApiError)[] = []

  constructor(...details: Detail[]) {
    for (const detail of details) this.details.set(detail.conversation_id, detail)
  }

  private log(call: string): void {
    this.calls.push(call)
    if (!this.signedIn) throw new ApiError('not_signed_in', 401)
  }

  private one(id: string): Detail {
    const found = this.details.get(id)
    if (!found) throw new ApiError('not_found', 404)
    return found
  }

  private set(detail: Detail): Detail {
    this.details.set(detail.conversation_id, detail)
    return structuredClone(detail)
  }

  hear(id: string, text: string): void {
    const detail = this.one(id)
    const position = detail.transcript.length + 1
    this.set({ ...detail, transcript: [...detail.transcript, aMessage(position, { text })] })
  }

  async signIn(_login: string, password: string): Promise<Session> {
    if (password !== 'right') throw new ApiError('bad_credentials', 401)
    this.signedIn = true
    return { agent: AGENT, csrf: 'x', now: this.now }
  }

  async session(): Promise<Session> {
    this.log('session')
    return { agent: AGENT, csrf: 'x', now: this.now }
  }

  async signOut(): Promise<void> {
    this.log('signOut')
    this.signedIn = false
  }

  async setPresence(status: Agent['status']): Promise<Agent> {
    this.log(`presence ${status}`)
    return { ...AGENT, status }
  }

  async heartbeat(): Promise<Agent> {
    this.log('heartbeat')
    return AGENT
  }

  async queue(): Promise<Queue> {
    this.log('queue')
    return structuredClone(this.queued)
  }

  async conversations(state: 'mine' | 'recent'): Promise<Summary[]> {
    this.log(`conversations ${state}`)
    return structuredClone(this.summaries)
  }

  async conversation(id: string): Promise<Detail> {
    this.log(`conversation ${id}`)
    return structuredClone(this.one(id))
  }

  async accept(id: string, epoch: number): Promise<Detail> {
    this.log(`accept ${id}`)
    const detail = this.one(id)
    if (detail.owner !== 'waiting') throw new ApiError('taken', 409)
    if (detail.epoch !== epoch) throw new ApiError('epoch_moved', 409)
    return this.set({ ...detail, owner: 'agent', epoch: epoch + 1, agent: { agent_id: 'a_1', name: '林晓' } })
  }

  async reply(id: string, body: ReplyBody): Promise<Replied> {
    this.log(`reply ${body.client_id}`)
    return this.take(id, body, { text: body.text })
  }

  async picture(id: string, body: PictureBody): Promise<Replied> {
    this.log(`picture ${body.client_id} ${atob(body.content)}`)
    const media = { media_id: 'md_1', state: 'fetched' as const, content_type: 'image/png', size: 3 }
    return this.take(id, body, { text: '[图片]', kind: 'image', media })
  }

  private take(id: string, body: Omit<ReplyBody, 'text'>, said: Partial<Message>): Replied {
    const fault = this.faults.shift()
    if (fault === 'refuse') throw new ApiError('network', 0)
    if (fault instanceof ApiError) throw fault
    const detail = this.one(id)
    const known = detail.transcript.find((message) => message.client_id === body.client_id)
    if (known) return { message: structuredClone(known), purse: detail.purse }
    if (detail.epoch !== body.epoch) throw new ApiError('epoch_moved', 409)
    if (detail.transcript.some((message) => message.author === 'subscriber' && message.position > body.seen_position)) throw new ApiError('newer_message', 409)
    const message = aMessage(detail.transcript.length + 1, { author: 'agent', name: '林晓', status: 'queued', client_id: body.client_id, ...said })
    const purse = detail.purse && { ...detail.purse, left: detail.purse.left - 1 }
    this.set({ ...detail, transcript: [...detail.transcript, message], purse })
    if (fault === 'lose') throw new ApiError('network', 0)
    return { message: structuredClone(message), purse }
  }

  private back(id: string, epoch: number, owner: 'bot' | 'waiting'): Detail {
    const detail = this.one(id)
    if (detail.epoch !== epoch) throw new ApiError('epoch_moved', 409)
    return this.set({ ...detail, owner, epoch: epoch + 1, agent: null })
  }

  async resolve(id: string, epoch: number, note: string, learned: Record<string, string>): Promise<Detail> {
    this.log(`resolve ${id} ${note} ${JSON.stringify(learned)}`)
    return this.back(id, epoch, 'bot')
  }

  async release(id: string, epoch: number): Promise<Detail> {
    this.log(`release ${id}`)
    return this.back(id, epoch, 'waiting')
  }

  async typing(id: string): Promise<void> {
    this.log(`typing ${id}`)
  }

  async decline(offerId: string): Promise<void> {
    this.log(`decline ${offerId}`)
  }

  eventsUrl(after: number): string {
    return `/events?after=${after}`
  }
}

/** A server's end of an event stream. */
export class FakeSource implements Source {
  static opened: FakeSource[] = []
  onopen: Source['onopen'] = null
  onmessage: Source['onmessage'] = null
  onerror: Source['onerror'] = null
  closed = false

  constructor(readonly url: string) {
    FakeSource.opened.push(this)
  }

  static get last(): FakeSource {
    return FakeSource.opened.at(-1)!
  }

  open(): void {
    this.onopen?.(new Event('open'))
  }

  say(seq: number, kind: string, conversation_id: string | null = null): void {
    this.onmessage?.({ data: JSON.stringify({ seq, kind, conversation_id }), lastEventId: String(seq) } as MessageEvent<string>)
  }

  fail(): void {
    this.onerror?.(new Event('error'))
  }

  close(): void {
    this.closed = true
  }
}

/** Lets everything that is already promised happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
