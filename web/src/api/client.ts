/** The one door to the staff API: a call answers its body, or throws ApiError with the code that the pages act on. */
import type { Agent, Detail, PictureBody, Presence, Queue, Replied, ReplyBody, Session, Summary } from './types'

export class ApiError extends Error {
  /**
   * `code` is the stable name from the body; `network` when no answer came, `fault` when the answer was no JSON error.
   * `status` is 0 when no answer came: the call may have been carried out.
   */
  constructor(
    readonly code: string,
    readonly status: number,
    message = code,
    readonly messageZh = message,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** No answer, or one of a gateway: trying again may help and the call may have been carried out. */
  get unsure(): boolean {
    return this.status === 0 || this.status >= 502
  }
}

export interface StaffApi {
  signIn(login: string, password: string): Promise<Session>
  session(): Promise<Session>
  signOut(): Promise<void>
  setPresence(status: Presence): Promise<Agent>
  heartbeat(): Promise<Agent | undefined>
  queue(): Promise<Queue>
  conversations(state: 'mine' | 'recent'): Promise<Summary[]>
  conversation(id: string): Promise<Detail>
  accept(id: string, epoch: number): Promise<Detail>
  reply(id: string, body: ReplyBody): Promise<Replied>
  picture(id: string, body: PictureBody): Promise<Replied>
  resolve(id: string, epoch: number, note: string, learned: Record<string, string>): Promise<Detail>
  release(id: string, epoch: number): Promise<Detail>
  typing(id: string): Promise<void>
  decline(offerId: string): Promise<void>
  eventsUrl(after: number): string
}

export interface ApiOptions {
  /** Where the API lies; the pages are served by the same host. */
  base?: string
  fetch?: typeof fetch
  /** How long a call may take before it counts as unanswered. */
  timeoutMs?: number
  /** Called on every 401 except a refused sign-in. */
  onExpired?: () => void
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

interface ErrorBody {
  error?: { code?: string; message?: string; message_zh?: string }
}

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(status: number, body: unknown): ApiError {
  const error = (body as ErrorBody | undefined)?.error
  if (error?.code) return new ApiError(error.code, status, error.message, error.message_zh)
  return new ApiError(status === 401 ? 'signed_out' : 'fault', status)
}

function segment(id: string): string {
  return encodeURIComponent(id)
}

/** The caller that knows the CSRF token, the time-out and what a 401 means. */
function createCaller(options: ApiOptions) {
  const base = options.base ?? '/api/v1'
  const send = options.fetch ?? ((input, init) => fetch(input, init))
  let csrf = ''

  async function request(method: Method, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (method !== 'GET' && csrf !== '') headers['X-CSRF-Token'] = csrf
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), options.timeoutMs ?? 15_000)
    try {
      return await send(base + path, {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: stop.signal,
        body: body === undefined ? undefined : JSON.stringify(body),
      })
    } catch {
      throw new ApiError('network', 0)
    } finally {
      clearTimeout(timer)
    }
  }

  async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const response = await request(method, path, body)
    let answer: unknown
    try {
      answer = await read(response)
    } catch {
      throw new ApiError('network', 0)
    }
    if (response.ok) return answer as T
    const error = refusal(response.status, answer)
    if (response.status === 401 && error.code !== 'bad_credentials') options.onExpired?.()
    throw error
  }

  async function opened(answer: Promise<Session>): Promise<Session> {
    const session = await answer
    csrf = session.csrf ?? ''
    return session
  }

  return { base, call, opened }
}

/** The API over HTTP. The CSRF token of the session is kept here and sent with every call that changes something. */
export function createApi(options: ApiOptions = {}): StaffApi {
  const { base, call, opened } = createCaller(options)
  const at = (id: string, step = '') => `/conversations/${segment(id)}${step}`
  return {
    signIn: (login, password) => opened(call('POST', '/session', { login, password })),
    session: () => opened(call('GET', '/session')),
    signOut: () => call('DELETE', '/session'),
    setPresence: (status) => call('PUT', '/presence', { status }),
    heartbeat: () => call('POST', '/presence/heartbeat', {}),
    queue: () => call('GET', '/queue'),
    conversations: async (state) =>
      (await call<{ conversations: Summary[] }>('GET', `/conversations?state=${state}`)).conversations,
    conversation: (id) => call('GET', at(id)),
    accept: (id, epoch) => call('POST', at(id, '/accept'), { epoch }),
    reply: (id, body) => call('POST', at(id, '/reply'), body),
    picture: (id, body) => call('POST', at(id, '/pictures'), body),
    resolve: (id, epoch, note, learned) => call('POST', at(id, '/resolve'), { epoch, note, learned }),
    release: (id, epoch) => call('POST', at(id, '/release'), { epoch }),
    typing: (id) => call('POST', at(id, '/typing'), {}),
    decline: (offerId) => call('POST', `/offers/${segment(offerId)}/decline`, {}),
    eventsUrl: (after) => `${base}/events?after=${after}`,
  }
}
