import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { ApiError } from '../src/api/client'
import { createDesk, type Desk } from '../src/desk/store'
import { createServiceClock } from '../src/live/clock'
import { createSession, type SessionStore } from '../src/session/store'
import { aDetail, AGENT, aMessage, anOffer, aWaiting, FakeApi, FakeSource, settle } from './fakes'

let api: FakeApi
let session: SessionStore
let desk: Desk
let elapsed: number

beforeEach(async () => {
  vi.useFakeTimers()
  FakeSource.opened = []
  elapsed = 0
  api = new FakeApi(aDetail(), aDetail({ conversation_id: 'c_9', owner: 'waiting', epoch: 2, agent: null }))
  session = createSession(api)
  await session.signIn('lin', 'right')
  const clock = createServiceClock({ wall: () => 0, steady: () => elapsed })
  desk = createDesk(api, session, { openSource: (url) => new FakeSource(url), clock })
  desk.start()
  FakeSource.last.open()
  await settle()
  api.calls.length = 0
})

afterEach(() => {
  desk.stop()
  vi.useRealTimers()
})

const asked = () => [...new Set(api.calls)].sort()

describe('what happens, and what is asked again', () => {
  it.each([
    ['queue_changed', null, ['queue']],
    ['offer_made', 'c_9', ['queue']],
    ['offer_ended', 'c_9', ['queue']],
    ['presence_changed', null, ['queue', 'session']],
    ['conversation_changed', 'c_1', ['conversation c_1', 'conversations mine', 'conversations recent']],
    ['conversation_changed', 'c_other', ['conversations mine', 'conversations recent']],
    ['resync', null, ['conversation c_1', 'conversations mine', 'conversations recent', 'queue', 'session']],
  ])('%s of %s', async (kind, id, calls) => {
    desk.open('c_1')
    await settle()
    api.calls.length = 0
    FakeSource.last.say(1, kind, id)
    await settle()
    expect(asked()).toEqual(calls)
  })

  it('shows what the subscriber wrote', async () => {
    desk.open('c_1')
    await settle()
    api.hear('c_1', '在吗')
    FakeSource.last.say(1, 'conversation_changed', 'c_1')
    await settle()
    expect(desk.current.value?.transcript.at(-1)?.text).toBe('在吗')
  })

  it('finds a row that no event told of', async () => {
    api.queued = { waiting: [aWaiting()], offers: [], online_agents: 1 }
    await vi.advanceTimersByTimeAsync(30_000)
    expect(desk.lists.waiting.value).toHaveLength(1)
  })

  it('beats every ten seconds, and looks again after a beat that went missing', async () => {
    await vi.advanceTimersByTimeAsync(20_000)
    expect(api.calls.filter((call) => call === 'heartbeat').length).toBe(2)
    const opened = FakeSource.opened.length
    const beat = api.heartbeat
    api.heartbeat = async () => {
      throw new ApiError('network', 0)
    }
    await vi.advanceTimersByTimeAsync(10_000)
    expect(FakeSource.opened.length).toBe(opened)
    api.heartbeat = beat
    await vi.advanceTimersByTimeAsync(10_000)
    expect(FakeSource.opened.length).toBe(opened + 1)
    expect(desk.live.value).toBe('reconnecting')
    FakeSource.last.open()
    await settle()
    expect(desk.live.value).toBe('live')
  })

  it('stops everything when the session ends', async () => {
    session.expire()
    expect(FakeSource.last.closed).toBe(true)
    api.calls.length = 0
    await vi.advanceTimersByTimeAsync(60_000)
    expect(api.calls).toEqual([])
  })

  it('keeps drafts through a session that ended, for the same agent only', async () => {
    desk.drafts.set('c_1', '写了一半')
    session.expire()
    await session.signIn('lin', 'right')
    expect(desk.drafts.get('c_1')).toBe('写了一半')
    session.expire()
    api.signIn = async () => ({ agent: { ...AGENT, agent_id: 'a_2' }, csrf: 'y', now: api.now })
    await session.signIn('wang', 'right')
    expect(desk.drafts.size).toBe(0)
  })
})

describe('taking over and giving back', () => {
  it('accepts with the epoch it saw and shows the answer without asking again', async () => {
    await desk.accept('c_9', 2)
    desk.open('c_9')
    expect([desk.current.value?.epoch, desk.isMine(desk.current.value)]).toEqual([3, true])
  })

  it('tells the refusal on and refreshes the queue when a colleague was faster', async () => {
    await desk.accept('c_9', 2)
    api.calls.length = 0
    await expect(desk.accept('c_9', 2)).rejects.toMatchObject({ code: 'taken' })
    await settle()
    expect(asked()).toContain('queue')
  })

  it('resolves with note and what was learned, and forgets the draft', async () => {
    desk.open('c_1')
    await settle()
    desk.drafts.set('c_1', '没发')
    await desk.resolve(desk.current.value!, '已核减', { period: '2026-10' })
    expect(api.calls).toContain('resolve c_1 已核减 {"period":"2026-10"}')
    expect([desk.current.value?.owner, desk.isMine(desk.current.value), desk.drafts.has('c_1')]).toEqual(['bot', false, false])
  })

  it('fetches what the conversation has become when it moved under a resolve', async () => {
    desk.open('c_1')
    await settle()
    const old = desk.current.value!
    api.details.set('c_1', aDetail({ epoch: 7, transcript: [aMessage(1), aMessage(2)] }))
    await expect(desk.resolve(old, '', {})).rejects.toMatchObject({ code: 'epoch_moved' })
    await settle()
    expect(desk.current.value?.epoch).toBe(7)
  })

  it('takes a declined offer off the page at once, and an unanswered one when its time is over', async () => {
    api.queued = { waiting: [aWaiting()], offers: [anOffer(), anOffer({ offer_id: 'o_2', expires_in_s: 5 })], online_agents: 1 }
    await desk.lists.refreshQueue()
    expect(desk.lists.offers.value).toHaveLength(2)
    const declining = desk.decline(desk.lists.offers.value[0]!)
    expect(desk.lists.offers.value.map((offer) => offer.offer_id)).toEqual(['o_2'])
    await declining
    elapsed = 7_000
    vi.advanceTimersByTime(1_000)
    expect(desk.lists.offers.value).toEqual([])
  })

  it('ticks waiting times and countdowns from the moment of the answer', async () => {
    api.queued = { waiting: [aWaiting({ waiting_s: 40 })], offers: [anOffer({ expires_in_s: 20 })], online_agents: 1 }
    await desk.lists.refreshQueue()
    elapsed = 5_000
    vi.advanceTimersByTime(1_000)
    expect(desk.lists.waitingSeconds(desk.lists.waiting.value[0]!)).toBe(45)
    expect(desk.lists.offerSeconds(desk.lists.offers.value[0]!)).toBe(15)
  })

  it('says that someone is typing at most once in ten seconds, per conversation', () => {
    desk.typing('c_1')
    desk.typing('c_1')
    desk.typing('c_9')
    vi.advanceTimersByTime(10_001)
    desk.typing('c_1')
    expect(api.calls.filter((call) => call.startsWith('typing'))).toEqual(['typing c_1', 'typing c_9', 'typing c_1'])
  })

  it('keeps the line alive when the open conversation is gone, and says why', async () => {
    desk.open('c_none')
    await settle()
    expect(desk.currentError.value).toMatchObject({ code: 'not_found' })
    FakeSource.last.say(1, 'resync')
    await settle()
    expect(desk.live.value).toBe('live')
  })
})

describe('the session', () => {
  it('knows a refused password from a session that ended', async () => {
    await session.signOut()
    await expect(session.signIn('lin', 'wrong')).rejects.toMatchObject({ code: 'bad_credentials' })
    expect([session.agent.value, session.expired.value]).toEqual([null, false])
    await session.signIn('lin', 'right')
    session.expire()
    expect([session.agent.value, session.expired.value]).toEqual([null, true])
  })

  it('is out after sign-out even when the server could not be told', async () => {
    api.signOut = async () => {
      throw new ApiError('network', 0)
    }
    await expect(session.signOut()).rejects.toMatchObject({ code: 'network' })
    expect(session.agent.value).toBeNull()
  })
})
