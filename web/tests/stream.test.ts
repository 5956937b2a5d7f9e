import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { DeskEvent } from '../src/api/types'
import { coalesce } from '../src/live/coalesce'
import { createStream, type Stream } from '../src/live/stream'
import { FakeSource, settle } from './fakes'

let stream: Stream
let events: DeskEvent[]
let caughtUp: number
let reachable: boolean

beforeEach(() => {
  vi.useFakeTimers()
  FakeSource.opened = []
  events = []
  caughtUp = 0
  reachable = true
  stream = createStream({
    url: (after) => `/events?after=${after}`,
    open: (url) => new FakeSource(url),
    onEvent: (event) => events.push(event),
    catchUp: async () => {
      caughtUp += 1
      if (!reachable) throw new Error('unreachable')
    },
    retryMs: () => 1_000,
    pollMs: 5_000,
  })
  stream.start()
})

afterEach(() => {
  stream.stop()
  vi.useRealTimers()
})

describe('the live stream', () => {
  it('is live only when the state was fetched after the subscription stood', async () => {
    expect([stream.state.value, caughtUp]).toEqual(['connecting', 0])
    FakeSource.last.open()
    expect(stream.state.value).toBe('connecting')
    await settle()
    expect([stream.state.value, caughtUp]).toEqual(['live', 1])
  })

  it('resumes after the last number it saw and tells no event twice', async () => {
    FakeSource.last.open()
    await settle()
    FakeSource.last.say(7, 'queue_changed')
    FakeSource.last.fail()
    expect(stream.state.value).toBe('reconnecting')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(FakeSource.last.url).toBe('/events?after=7')
    FakeSource.last.open()
    await settle()
    FakeSource.last.say(7, 'queue_changed')
    FakeSource.last.say(8, 'offer_made')
    expect(events.map((event) => event.seq)).toEqual([7, 8])
    expect([stream.state.value, caughtUp]).toEqual(['live', 2])
  })

  it('takes the numbering of a resync, lower or not', async () => {
    FakeSource.last.open()
    FakeSource.last.say(900, 'queue_changed')
    FakeSource.last.say(3, 'resync')
    FakeSource.last.say(4, 'queue_changed')
    expect(events.map((event) => event.seq)).toEqual([900, 3, 4])
    FakeSource.last.fail()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(FakeSource.last.url).toBe('/events?after=4')
  })

  it('polls every five seconds when the stream does not come through, and stops when it does', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      FakeSource.last.fail()
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(stream.state.value).toBe('polling')
    const before = caughtUp
    await vi.advanceTimersByTimeAsync(10_000)
    expect(caughtUp - before).toBe(2)
    FakeSource.last.open()
    await settle()
    expect(stream.state.value).toBe('live')
    const live = caughtUp
    await vi.advanceTimersByTimeAsync(20_000)
    expect(caughtUp).toBe(live)
  })

  it('says reconnecting, not polling, while nothing answers at all', async () => {
    reachable = false
    for (let attempt = 0; attempt < 4; attempt += 1) {
      FakeSource.last.fail()
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(stream.state.value).toBe('reconnecting')
    reachable = true
    await vi.advanceTimersByTimeAsync(5_000)
    expect(stream.state.value).toBe('polling')
  })

  it('is not live when the catch-up fails after opening', async () => {
    reachable = false
    FakeSource.last.open()
    await settle()
    expect(stream.state.value).toBe('reconnecting')
  })

  it('passes over what is no event', () => {
    FakeSource.last.onmessage?.({ data: 'not json', lastEventId: '' } as MessageEvent<string>)
    FakeSource.last.onmessage?.({ data: '{}', lastEventId: '' } as MessageEvent<string>)
    expect(events).toEqual([])
  })

  it('opens nothing more once stopped', async () => {
    const count = FakeSource.opened.length
    FakeSource.last.fail()
    stream.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeSource.opened.length).toBe(count)
  })
})

describe('coalescing', () => {
  it('turns a burst into the fetch under way and one more, which began after the last call', async () => {
    let begun = 0
    const release: (() => void)[] = []
    const fetchIt = coalesce(() => {
      begun += 1
      return new Promise<void>((done) => release.push(done))
    })
    const first = fetchIt()
    const burst = [fetchIt(), fetchIt(), fetchIt()]
    expect(begun).toBe(1)
    release[0]!()
    await first
    await settle()
    expect(begun).toBe(2)
    release[1]!()
    await Promise.all(burst)
    expect(begun).toBe(2)
  })

  it('fetches again after one that failed', async () => {
    let begun = 0
    const fetchIt = coalesce(async () => {
      begun += 1
      if (begun === 1) throw new Error('once')
    })
    await expect(fetchIt()).rejects.toThrow('once')
    await fetchIt()
    expect(begun).toBe(2)
  })
})
