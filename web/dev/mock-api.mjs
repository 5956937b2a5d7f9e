// A practice server for developing the pages: the calls of the staff API with a small story in memory. Not part of the product.
//   node dev/mock-api.mjs [--port 8001] [--story busy|quiet] [--dist]
// --dist also serves the built pages. POST /dev/STEP moves the story: say {id,text} · offer · faults {"reply":"network|newer_message|…","sse":false}
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { busyStory, id, iso, message, quietStory, say } from './story.mjs'

const { values: args } = parseArgs({ options: { port: { type: 'string', default: '8001' }, story: { type: 'string', default: 'busy' }, dist: { type: 'boolean', default: false } } })
const DIST = join(fileURLToPath(new URL('.', import.meta.url)), '..', 'dist')
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const CSP = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

const agent = { agent_id: 'a_0001', login: 'demo', name: '林晓', role: 'agent', status: 'offline', slots_used: 0, slots_max: 6, accounts: ['demo'] }
const state = { signedIn: false, conversations: args.story === 'busy' ? busyStory(agent) : quietStory(agent), offers: [], seq: 0, streams: new Set(), faults: {} }

class Refused extends Error {
  constructor(status, code) {
    super(code)
    Object.assign(this, { status, code })
  }
}

function tell(kind, conversation_id = null) {
  const event = { seq: ++state.seq, kind, conversation_id }
  for (const stream of state.streams) stream.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)
}

const find = (wanted) => {
  const c = state.conversations.find((one) => one.conversation_id === wanted)
  if (!c) throw new Refused(404, 'not_found')
  return c
}
const mine = (c) => c.owner === 'agent' && c.agent?.agent_id === agent.agent_id
const me = () => ({ ...agent, slots_used: state.conversations.filter(mine).length })
const line = () => state.conversations.filter((c) => c.owner === 'waiting').sort((a, b) => b.handoff.priority - a.handoff.priority || (a.handoff.requested_at < b.handoff.requested_at ? -1 : 1))

function waiting(c, position) {
  const { handoff_id, reason, skill, priority, requested_at, wish, intent } = c.handoff
  return {
    handoff_id, conversation_id: c.conversation_id, account: c.account, subscriber: c.subscriber, reason, skill, priority, position,
    waiting_s: (Date.now() - Date.parse(requested_at)) / 1000, requested_at, wish, intent, last_text: c.transcript.findLast((one) => one.author === 'subscriber')?.text ?? '', epoch: c.epoch,
    offered_to_me: state.offers.some((offer) => offer.conversation_id === c.conversation_id),
  }
}

function queue() {
  const all = line().map((c, index) => waiting(c, index + 1))
  const offers = state.offers.map((offer) => ({ ...offer, expires_in_s: (Date.parse(offer.expires_at) - Date.now()) / 1000, waiting: all.find((w) => w.conversation_id === offer.conversation_id) }))
  return { waiting: all, offers: offers.filter((offer) => offer.waiting && offer.expires_in_s > 0), online_agents: agent.status === 'online' ? 3 : 2 }
}

const session = () => ({ agent: me(), csrf: 'practice', now: iso() })

/** When the first message came that no person has answered. */
function waitingSince(c) {
  if (c.owner === 'bot') return null
  const answered = c.transcript.findLastIndex((one) => one.author === 'agent')
  if (answered < 0) return c.handoff.requested_at
  return c.transcript.slice(answered).find((one) => one.author === 'subscriber')?.at ?? null
}

function summary(c) {
  const last = c.transcript.at(-1)
  return { conversation_id: c.conversation_id, account: c.account, subscriber: c.subscriber, owner: c.owner, epoch: c.epoch, last_text: last?.text ?? '', last_at: last?.at ?? null, unread: c.unread, purse_left: c.purse.left, waiting_since: waitingSince(c) }
}

function detail(c) {
  return { ...c, unread: undefined, ended: undefined }
}

function check(c, body) {
  if (body.epoch !== c.epoch) throw new Refused(409, 'epoch_moved')
  if (!mine(c)) throw new Refused(409, 'not_owner')
}

function accept(c, body) {
  if (mine(c)) return detail(c)
  if (c.owner !== 'waiting') throw new Refused(409, 'taken')
  if (body.epoch !== c.epoch) throw new Refused(409, 'epoch_moved')
  if (me().slots_used >= agent.slots_max) throw new Refused(409, 'no_free_slot')
  state.offers = state.offers.filter((offer) => offer.conversation_id !== c.conversation_id)
  Object.assign(c, { owner: 'agent', epoch: c.epoch + 1, agent: { agent_id: agent.agent_id, name: agent.name } })
  c.handoff.accepted_at = iso()
  say(c, message('notice', `客服 ${agent.name} 为您服务。`, 0, { status: 'sent' }))
  tell('queue_changed')
  tell('conversation_changed', c.conversation_id)
  return detail(c)
}

function reply(c, body, response) {
  const known = c.transcript.find((one) => one.client_id === body.client_id)
  if (known) return { message: known, purse: c.purse }
  check(c, body)
  const fault = state.faults.reply
  delete state.faults.reply
  if (fault === 'newer_message') hear(c, '等等，还有一件事，我上上个月也有这笔', false)
  if (fault === 'network') return response.destroy()
  if (fault && fault !== 'newer_message' && fault !== 'lost') throw new Refused(409, fault)
  if (c.transcript.some((one) => one.author === 'subscriber' && one.position > body.seen_position)) throw new Refused(409, 'newer_message')
  const held = c.purse.left === 0
  const sent = say(c, message('agent', body.text, 0, { name: agent.name, client_id: body.client_id, status: held ? 'held' : 'queued', reason: held ? 'purse_empty' : null }))
  c.purse.left = Math.max(0, c.purse.left - 1)
  c.unread = 0
  tell('conversation_changed', c.conversation_id)
  if (!held) setTimeout(() => { sent.status = 'sent'; tell('conversation_changed', c.conversation_id) }, 900)
  if (fault === 'lost') return response.destroy()
  return { message: sent, purse: c.purse }
}

function hear(c, text, loud = true) {
  say(c, message('subscriber', text, 0, { turn_id: id('t') }))
  c.purse.left = c.purse.of
  c.unread += 1
  for (const one of c.transcript) if (one.status === 'held') one.status = 'sent'
  if (loud) tell('conversation_changed', c.conversation_id)
}

function back(c, body, owner) {
  check(c, body)
  Object.assign(c, { owner, epoch: c.epoch + 1, agent: null, ended: owner === 'bot', unread: 0 })
  say(c, message('notice', owner === 'bot' ? '本次人工服务已结束，小微继续为您服务。\n\n您对这次人工服务满意吗？\n满意\n一般\n不满意' : '正在为您转接其他客服。', 0, { status: 'sent' }))
  tell('queue_changed')
  tell('conversation_changed', c.conversation_id)
  return detail(c)
}

function offer() {
  const c = line().find((one) => !state.offers.some((made) => made.conversation_id === one.conversation_id))
  if (!c) return {}
  const made = { offer_id: id('o'), conversation_id: c.conversation_id, expires_at: iso(-20) }
  state.offers.push(made)
  tell('offer_made', c.conversation_id)
  setTimeout(() => { state.offers = state.offers.filter((one) => one !== made); tell('offer_ended', c.conversation_id) }, 20_000)
  return made
}

const STEPS = {
  say: (body) => hear(find(body.id ?? state.conversations.find(mine)?.conversation_id), body.text ?? '在吗'),
  offer,
  faults: (body) => Object.assign(state.faults, body),
  expire: () => { state.signedIn = false },
  drop: () => { for (const stream of state.streams) stream.destroy() },
  state: () => ({ conversations: state.conversations.map(summary) }),
}

function dev(step, body) {
  if (!STEPS[step]) throw new Refused(404, 'not_found')
  return STEPS[step](body) ?? {}
}

function signIn(body) {
  if (body.password === 'wrong') throw new Refused(401, 'bad_credentials')
  if (body.password === 'often') throw new Refused(429, 'too_many_attempts')
  state.signedIn = true
  return { agent: me(), csrf: 'practice' }
}

function presence(body) {
  agent.status = body.status
  tell('presence_changed')
  return me()
}

const CALLS = [
  ['GET', /^\/session$/, () => session()],
  ['DELETE', /^\/session$/, () => { state.signedIn = false }],
  ['PUT', /^\/presence$/, (_m, body) => presence(body)],
  ['POST', /^\/presence\/heartbeat$/, () => me()],
  ['GET', /^\/queue$/, () => queue()],
  ['GET', /^\/conversations$/, (_m, _b, _r, url) => ({ conversations: state.conversations.filter(url.searchParams.get('state') === 'recent' ? (c) => c.ended : mine).map(summary) })],
  ['GET', /^\/conversations\/([^/]+)$/, (m) => detail(find(m[1]))],
  ['POST', /^\/conversations\/([^/]+)\/accept$/, (m, body) => accept(find(m[1]), body)],
  ['POST', /^\/conversations\/([^/]+)\/reply$/, (m, body, response) => reply(find(m[1]), body, response)],
  ['POST', /^\/conversations\/([^/]+)\/resolve$/, (m, body) => back(find(m[1]), body, 'bot')],
  ['POST', /^\/conversations\/([^/]+)\/release$/, (m, body) => back(find(m[1]), body, 'waiting')],
  ['POST', /^\/conversations\/([^/]+)\/typing$/, () => undefined],
  ['POST', /^\/offers\/([^/]+)\/decline$/, (m) => { state.offers = state.offers.filter((one) => one.offer_id !== m[1]); tell('offer_ended') }],
]

function events(request, response) {
  if (state.faults.sse === false) throw new Refused(503, 'fault')
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write('retry: 2000\n\n')
  state.streams.add(response)
  request.on('close', () => state.streams.delete(response))
}

function call(request, response, url, body) {
  const path = url.pathname.slice('/api/v1'.length)
  if (state.faults.down) return response.destroy()
  if (request.method === 'POST' && path === '/session') return signIn(body)
  if (!state.signedIn) throw new Refused(401, 'not_signed_in')
  if (path === '/events') return events(request, response)
  for (const [method, pattern, act] of CALLS) {
    const match = method === request.method && pattern.exec(path)
    if (match) return act(match, body, response, url)
  }
  throw new Refused(404, 'not_found')
}

async function page(response, path) {
  const name = path === '/' ? '/index.html' : normalize(path)
  const file = await readFile(join(DIST, name)).catch(() => null)
  if (!file) return response.writeHead(404).end()
  return response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP }).end(file)
}

async function serve(request, response) {
  const url = new URL(request.url, 'http://localhost')
  let text = ''
  for await (const part of request) text += part
  const body = text ? JSON.parse(text) : {}
  try {
    if (!url.pathname.startsWith('/api/') && !url.pathname.startsWith('/dev/')) return args.dist ? page(response, url.pathname) : response.writeHead(404).end()
    const answer = url.pathname.startsWith('/dev/') ? dev(url.pathname.slice(5), body) : call(request, response, url, body)
    if (response.headersSent || response.destroyed) return
    if (answer === undefined) return response.writeHead(204).end()
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error)
    if (!response.headersSent) response.writeHead(error.status ?? 500, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: { code: error.code ?? 'fault', message: 'Refused.', message_zh: '没有执行。' } }))
  }
}

createServer((request, response) => void serve(request, response)).listen(Number(args.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${args.port}/`))
