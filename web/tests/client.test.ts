import { describe, expect, it } from 'vitest'

import { ApiError, createApi } from '../src/api/client'
import { AGENT } from './fakes'

interface Asked {
  url: string
  init: RequestInit
}

/** A fetch that answers from a list and keeps what was asked. */
function server(...answers: (Response | Error)[]) {
  const asked: Asked[] = []
  const fetchIt = async (url: RequestInfo | URL, init: RequestInit = {}) => {
    asked.push({ url: String(url), init })
    const answer = answers.shift()
    if (answer instanceof Error || !answer) throw answer ?? new Error('no answer left')
    return answer
  }
  return { asked, fetch: fetchIt as typeof fetch }
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })
const header = (asked: Asked | undefined, name: string) => (asked?.init.headers as Record<string, string>)[name]

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(() => null, (why: unknown) => why)
  expect(error).toBeInstanceOf(ApiError)
  return error as ApiError
}

describe('the API client', () => {
  it('sends the CSRF token of the session with every call that changes something, and with none that reads', async () => {
    const { asked, fetch } = server(json({ agent: AGENT, csrf: 'secret-1' }), json({ waiting: [], offers: [], online_agents: 0 }), json(AGENT))
    const api = createApi({ fetch })
    await api.signIn('lin', 'pw')
    await api.queue()
    await api.setPresence('online')
    expect(header(asked[1], 'X-CSRF-Token')).toBeUndefined()
    expect(header(asked[2], 'X-CSRF-Token')).toBe('secret-1')
    expect(asked[2]?.init.method).toBe('PUT')
    expect(asked[2]?.init.body).toBe('{"status":"online"}')
  })

  it('takes a session without a CSRF token', async () => {
    const { asked, fetch } = server(json({ agent: AGENT, csrf: null }), json(AGENT))
    const api = createApi({ fetch })
    await api.session()
    await api.setPresence('break')
    expect(header(asked[1], 'X-CSRF-Token')).toBeUndefined()
  })

  it('names the code and both sentences of a refusal', async () => {
    const { fetch } = server(json({ error: { code: 'taken', message: 'Too late.', message_zh: '晚了。' } }, 409))
    const error = await failure(createApi({ fetch }).accept('c_1', 2))
    expect([error.code, error.status, error.message, error.messageZh]).toEqual(['taken', 409, 'Too late.', '晚了。'])
    expect(error.unsure).toBe(false)
  })

  it('calls no answer "network" and a gateway\'s page "fault", both unsure whether it was done', async () => {
    const { fetch } = server(new TypeError('Failed to fetch'), new Response('<h1>Bad gateway</h1>', { status: 502 }))
    const api = createApi({ fetch })
    const lost = await failure(api.release('c_1', 3))
    const gateway = await failure(api.release('c_1', 3))
    expect([lost.code, lost.unsure]).toEqual(['network', true])
    expect([gateway.code, gateway.unsure]).toEqual(['fault', true])
  })

  it('tells of a lost session once per 401, but not of a wrong password', async () => {
    let expired = 0
    const wrong = json({ error: { code: 'bad_credentials' } }, 401)
    const { fetch } = server(wrong, json({ error: { code: 'not_signed_in' } }, 401), new Response('', { status: 401 }))
    const api = createApi({ fetch, onExpired: () => (expired += 1) })
    await failure(api.signIn('lin', 'no'))
    expect(expired).toBe(0)
    await failure(api.queue())
    expect((await failure(api.queue())).code).toBe('signed_out')
    expect(expired).toBe(2)
  })

  it('gives up on a server that does not answer', async () => {
    const fetchIt = (_url: unknown, init: RequestInit) =>
      new Promise<Response>((_ok, no) => init.signal?.addEventListener('abort', () => no(new DOMException('aborted'))))
    const error = await failure(createApi({ fetch: fetchIt as typeof fetch, timeoutMs: 10 }).queue())
    expect(error.code).toBe('network')
  })

  it('keeps an id from leaving its place in the address', async () => {
    const { asked, fetch } = server(json({}))
    await createApi({ fetch }).conversation('../session?x=1')
    expect(asked[0]?.url).toBe('/api/v1/conversations/..%2Fsession%3Fx%3D1')
  })

  it('answers nothing for 204', async () => {
    const { fetch } = server(new Response(null, { status: 204 }))
    expect(await createApi({ fetch }).typing('c_1')).toBeUndefined()
  })
})
