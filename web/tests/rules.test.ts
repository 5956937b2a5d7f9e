import { describe, expect, it } from 'vitest'

import { createAlerts } from '../src/desk/alerts'
import { newer } from '../src/desk/conversations'
import { byUrgency } from '../src/desk/lists'
import { mayWrite, type Situation } from '../src/desk/permission'
import { rows, sourcedAt, understood, unreadFrom } from '../src/desk/timeline'
import { createUnread } from '../src/desk/unread'
import { bytes, clock, figureLines, yuan } from '../src/format/figures'
import { byteLength } from '../src/format/text'
import { dayKey, dayTime, hourMinute } from '../src/format/time'
import { createServiceClock } from '../src/live/clock'
import { safePlace } from '../src/session/place'
import { createSession } from '../src/session/store'
import { aDetail, aMessage, anOffer, aWaiting, FakeApi } from './fakes'

describe('figures', () => {
  it.each([[3280, '¥32.80'], [0, '¥0.00'], [-5, '-¥0.05'], [100000000, '¥1,000,000.00']])('%i fen is %s', (fen, text) => expect(yuan(fen)).toBe(text))
  it.each([[0, '0 B'], [1023, '1023 B'], [1536, '1.50 KB'], [21474836480, '20 GB'], [3435973836, '3.20 GB'], [-1073741824, '-1 GB']])(
    '%i bytes is %s',
    (count, text) => expect(bytes(count)).toBe(text),
  )
  it.each([[0, '0:00'], [61.9, '1:01'], [172799, '47:59:59'], [-3, '0:00']])('%d seconds is %s', (seconds, text) => expect(clock(seconds)).toBe(text))

  const words = { flag: (value: boolean) => (value ? 'ja' : 'nein'), moment: (iso: string) => `@${iso.slice(0, 10)}` }
  const shown = (figures: Record<string, unknown>) => figureLines(figures, words).map((line) => `${'  '.repeat(line.depth)}${line.key}=${line.value}`)

  it('takes the unit from the ending of the key, and only there', () => {
    expect(shown({ available_fen: 3280, data_left_bytes: 1073741824, voice_s: 90, points: 1234567, fen_rate: 3 })).toEqual([
      'available_fen=¥32.80', 'data_left_bytes=1 GB', 'voice_s=1:30', 'points=1,234,567', 'fen_rate=3',
    ])
  })

  it('shows named items of a list as one line each, and nested ones under their name', () => {
    expect(shown({ items: [{ name: '套外流量', amount_fen: 6000 }, { name: '套餐', amount_fen: 5900, kind: 'plan' }, { amount_fen: 1 }] })).toEqual([
      'items=', '  套外流量=¥60.00', '  套餐=', '    amount_fen=¥59.00', '    kind=plan', '  3=', '    amount_fen=¥0.01',
    ])
  })

  it('takes the unit of an allowance from its kind, and of charges by category from their place', () => {
    const buckets = [{ kind: 'data', name: '通用流量', total: 1073741824, shared: false }, { kind: 'voice', name: '通话', left: 61 }, { kind: 'sms', name: '短信', left: 61 }]
    expect(shown({ buckets, by_category: { plan_fee: 5900 }, left: 61 })).toEqual([
      'buckets=', '  通用流量=', '    kind=data', '    total=1 GB', '    shared=nein', '  通话=', '    kind=voice', '    left=1:01',
      '  短信=', '    kind=sms', '    left=61', 'by_category=', '  plan_fee=¥59.00', 'left=61',
    ])
  })

  it('has something to show for whatever comes', () => {
    expect(shown({ a: null, b: '', c: false, d: [], e: [1, 'x'], f: '2026-11-22T20:00:00+08:00', g_fen: 1.5 })).toEqual([
      'a=—', 'b=—', 'c=nein', 'd=—', 'e=1, x', 'f=@2026-11-22', 'g_fen=1.5',
    ])
    const deep = shown({ a: { b: { c: { d: { e: { f: 1 } } } } } })
    expect(deep.at(-1)).toContain('=…')
  })
})

describe('times', () => {
  it('are those of Shanghai wherever the browser is', () => {
    expect(dayKey('2026-11-22T16:30:00Z')).toBe('2026-11-23')
    expect(hourMinute('2026-11-22T16:05:00Z', 'zh-CN')).toBe('00:05')
    expect(dayTime('2026-11-22T12:05:00Z', 'zh-CN')).toBe('11-22 20:05')
  })

  it('are empty, not "Invalid Date", for what is no moment', () => {
    expect([dayKey(''), hourMinute('soon', 'en-US'), dayTime('2026-10', 'zh-CN') === 'Invalid Date']).toEqual(['', '', false])
  })
})

it('counts bytes as WeChat does', () => {
  expect([byteLength('abc'), byteLength('微厅'), byteLength('🙂'), byteLength('')]).toEqual([3, 6, 4, 0])
})

describe('who may write', () => {
  const now = (more: Partial<Situation> = {}): Situation => ({ detail: aDetail(), mine: true, live: 'live', windowLeft: 3600, conflict: false, ...more })
  const says = (more: Partial<Situation>) => {
    const { allowed, says: sentence } = mayWrite(now(more))
    return `${allowed ? 'yes' : 'no'} ${sentence ?? '-'}`
  }
  const purse = (left: number) => aDetail({ purse: { left, of: 5, until: null } })

  it('the owner, on a line that is up', () => {
    expect(says({})).toBe('yes -')
    expect(says({ live: 'polling' })).toBe('yes -')
    expect(says({ live: 'reconnecting' })).toBe('no catchingUp')
    expect(says({ live: 'connecting' })).toBe('no catchingUp')
    expect(says({ mine: false })).toBe('no notOwner')
  })

  it('nobody while it waits or the bot has it, and the sentence tells a finished one from one that never was a person\'s', () => {
    const handoff = { handoff_id: 'h', reason: 'asked', intent: null, skill: 'general', priority: 0, requested_at: '', accepted_at: null, wish: '', proof_level: 0, ticket: null, slots: {}, actions: [], version: 1, rating: null, rated_at: null }
    expect(says({ detail: aDetail({ owner: 'waiting' }), mine: false })).toBe('no waiting')
    expect(says({ detail: aDetail({ owner: 'bot', handoff }), mine: false })).toBe('no bot')
    expect(says({ detail: aDetail({ owner: 'bot', handoff: { ...handoff, accepted_at: '2026-11-22T20:00:00+08:00' } }), mine: false })).toBe('no ended')
  })

  it('not after the window has closed; an unknown window is not a closed one', () => {
    expect(says({ windowLeft: 0 })).toBe('no expired')
    expect(says({ windowLeft: null })).toBe('yes -')
  })

  it('with an empty purse too: it is held, and said so', () => {
    expect(says({ detail: purse(0) })).toBe('yes purseEmpty')
    expect(says({ detail: purse(1) })).toBe('yes purseLast')
    expect(says({ detail: aDetail({ purse: null }), windowLeft: null })).toBe('yes -')
    expect(says({ conflict: true })).toBe('no -')
  })
})

describe('the transcript as rows', () => {
  it('separates days of Shanghai and heads a block when the speaker or five minutes change', () => {
    const lines = [
      aMessage(1, { at: '2026-11-22T15:59:00Z' }),
      aMessage(2, { at: '2026-11-22T16:01:00Z' }),
      aMessage(3, { at: '2026-11-22T16:02:00Z' }),
      aMessage(4, { at: '2026-11-22T16:02:30Z', author: 'bot' }),
      aMessage(5, { at: '2026-11-22T16:09:00Z', author: 'bot' }),
    ]
    const drawn = rows(lines).map((row) => (row.kind === 'day' ? `day ${dayKey(row.at)}` : `${row.message.position}${row.headed ? ' headed' : ''}`))
    expect(drawn).toEqual(['day 2026-11-22', '1 headed', 'day 2026-11-23', '2 headed', '3', '4 headed', '5 headed'])
  })

  it('knows what the agent has not read: only what subscribers wrote', () => {
    const lines = [aMessage(1), aMessage(2, { author: 'bot' }), aMessage(3), aMessage(4, { author: 'notice' }), aMessage(5)]
    expect(unreadFrom(lines, 1).map((message) => message.position)).toEqual([3, 5])
  })

  it('shows the way to the sources once per turn, under its last bubble', () => {
    const turn = (turn_id: string) => ({ author: 'bot' as const, turn_id })
    const lines = [aMessage(1, { turn_id: 't_1' }), aMessage(2, turn('t_1')), aMessage(3, turn('t_1')), aMessage(4, turn('t_2')), aMessage(5, { author: 'bot' })]
    expect([...sourcedAt(lines, new Set(['t_1']))]).toEqual([3])
  })

  it('keeps the newer of two answers that overtook each other', () => {
    const long = aDetail({ transcript: [aMessage(1), aMessage(2)] })
    expect(newer(long, aDetail())).toBe(false)
    expect(newer(long, aDetail({ epoch: 4 }))).toBe(true)
    expect(newer(aDetail({ epoch: 4 }), long)).toBe(false)
    expect(newer(undefined, aDetail())).toBe(true)
  })
})

it.each([['query_bill', 'answered', true], [null, 'answered', true], [null, null, false], [null, '', false], [null, 'rated', false]])(
  'a turn of intent %j decided %j was understood: %j',
  (intent, decision, shown) => expect(understood({ turn_id: 't_1', intent, confidence: null, decision, at: '2026-11-22T20:00:00+08:00' })).toBe(shown),
)

describe('lists', () => {
  const summary = (id: string, unread: number, last_at: string | null, waiting_since: string | null = null) => ({
    conversation_id: id, account: 'demo', subscriber: id, owner: 'agent' as const, epoch: 1, last_text: '', last_at, unread, purse_left: 5, waiting_since,
  })

  it('put who waits first, the longest on top, then the latest', () => {
    const all = [
      summary('idle-old', 0, '2026-11-22T20:00:00+08:00'), summary('waits-new', 1, '2026-11-22T20:05:00+08:00', '2026-11-22T20:05:00+08:00'), summary('never', 0, null),
      summary('idle-new', 0, '2026-11-22T20:04:00+08:00'),
      // The last of their three messages came just now: it is the first that counts. Nor does one count that was read and not answered.
      summary('waits-old', 3, '2026-11-22T20:06:00+08:00', '2026-11-22T20:01:00+08:00'), summary('read', 0, '2026-11-22T20:03:00+08:00', '2026-11-22T20:02:00+08:00'),
    ]
    expect(all.sort(byUrgency).map((one) => one.conversation_id)).toEqual(['waits-old', 'read', 'waits-new', 'idle-new', 'idle-old', 'never'])
  })

  it('count as unread only what came after the conversation was last on the screen', () => {
    const unread = createUnread()
    const at = (count: number) => [summary('c', count, null)]
    unread.update(at(2), () => true)
    expect(unread.of(at(2)[0]!)).toBe(0)
    unread.update(at(3), () => false)
    expect(unread.of(at(3)[0]!)).toBe(1)
    unread.update(at(0), () => false)
    unread.update(at(1), () => false)
    expect(unread.of(at(1)[0]!)).toBe(1)
  })
})

describe("the service's clock", () => {
  it('is learnt from an answer that says a moment and how far away it is', () => {
    const wall = Date.parse('2030-01-01T00:00:00Z')
    const known = createServiceClock({ wall: () => wall, steady: () => 0 })
    expect(known.known.value).toBe(false)
    known.learnQueue({ waiting: [], offers: [anOffer({ expires_at: '2026-11-22T20:00:20+08:00', expires_in_s: 20 })], online_agents: 1 })
    expect(new Date(known.now.value).toISOString()).toBe('2026-11-22T12:00:00.000Z')
    known.learnQueue({ waiting: [aWaiting({ requested_at: '2026-11-22T20:00:00+08:00', waiting_s: 60 })], offers: [], online_agents: 1 })
    expect(new Date(known.now.value).toISOString()).toBe('2026-11-22T12:01:00.000Z')
  })

  it('is told with every answer about the session, also when it is set back', async () => {
    const wall = Date.parse('2030-01-01T00:00:00Z')
    const told = createServiceClock({ wall: () => wall, steady: () => 0 })
    const api = new FakeApi()
    const session = createSession(api, told.learnNow)
    await session.signIn('lin', 'right')
    expect(told.known.value).toBe(true)
    expect(new Date(told.now.value).toISOString()).toBe('2026-11-22T12:00:00.000Z')
    api.now = '2026-11-22T19:00:00+08:00'
    await session.refresh()
    expect(new Date(told.now.value).toISOString()).toBe('2026-11-22T11:00:00.000Z')
    told.learnNow('')
    expect(new Date(told.now.value).toISOString()).toBe('2026-11-22T11:00:00.000Z')
  })

  it('is never behind what has already happened', () => {
    const wall = Date.parse('2026-11-22T12:00:00Z')
    const moved = createServiceClock({ wall: () => wall, steady: () => 0 })
    moved.learnDetail(aDetail({ transcript: [aMessage(1, { at: '2026-12-24T12:00:00Z' })] }))
    expect(moved.known.value).toBe(false)
    expect(moved.now.value).toBe(Date.parse('2026-12-24T12:00:00Z'))
    moved.learnDetail(aDetail({ transcript: [] }))
    expect(Number.isFinite(moved.now.value)).toBe(true)
  })
})

describe('alerts', () => {
  it('repeat until acted on, and give the title back', async () => {
    const heard: string[] = []
    let title = '微厅'
    const alerts = createAlerts({ beep: (kind) => heard.push(kind), notify: (text) => heard.push(text.body), setTitle: (now) => (title = now), plainTitle: () => '微厅', repeatMs: 5, flashMs: 2 })
    alerts.insist('c_1', { title: '新对话', body: '要人工' })
    alerts.insist('c_1', { title: '新对话', body: '要人工' })
    expect([heard, title]).toEqual([['offer', '要人工'], '新对话'])
    await new Promise((done) => setTimeout(done, 30))
    const count = heard.length
    expect(count).toBeGreaterThan(3)
    alerts.calm('c_1')
    await new Promise((done) => setTimeout(done, 20))
    expect([heard.length, title]).toEqual([count, '微厅'])
  })
})

it.each([['/desk/c_1', '/desk/c_1'], ['//evil.example', '/desk'], ['https://evil.example', '/desk'], [undefined, '/desk'], [['/a'], '/desk']])(
  'after signing in, %j leads to %s',
  (asked, place) => expect(safePlace(asked)).toBe(place),
)
