import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createApp, h, nextTick, ref, type App, type Ref } from 'vue'

import type { Detail } from '../src/api/types'
import ReplyComposer from '../src/desk/ReplyComposer.vue'
import { createDesk, deskKey, type Desk } from '../src/desk/store'
import { createMessages } from '../src/i18n'
import { createServiceClock } from '../src/live/clock'
import { createSession, sessionKey } from '../src/session/store'
import { aDetail, FakeApi, FakeSource, settle } from './fakes'

let app: App
let api: FakeApi
let desk: Desk
let detail: Ref<Detail>
let field: HTMLTextAreaElement

beforeEach(async () => {
  api = new FakeApi(aDetail(), aDetail({ conversation_id: 'c_2' }))
  const session = createSession(api)
  await session.signIn('lin', 'right')
  desk = createDesk(api, session, { openSource: (url) => new FakeSource(url), clock: createServiceClock({ wall: () => 0, steady: () => 0 }) })
  await desk.conversations.refresh('c_1')
  desk.conversations.markSeen('c_1', 1)
  desk.live.value = 'live'
  detail = ref(aDetail())
  app = createApp({ render: () => h(ReplyComposer, { detail: detail.value }) })
  app.provide(deskKey, desk).provide(sessionKey, session).use(createMessages('zh'))
  const root = document.createElement('div')
  document.body.append(root)
  app.mount(root)
  field = root.querySelector('textarea')!
})

afterEach(() => {
  app.unmount()
  desk.stop()
  document.body.replaceChildren()
})

async function type(text: string): Promise<void> {
  field.value = text
  field.dispatchEvent(new Event('input'))
  await nextTick()
}

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
  await nextTick()
  await settle()
}

const sent = () => api.details.get('c_1')!.transcript.filter((message) => message.author === 'agent').map((message) => message.text)
const says = () => document.querySelector('[data-testid=composer-says]')?.textContent?.trim() ?? ''
const button = () => document.querySelector<HTMLButtonElement>('[data-testid=composer-send]')!

it('sends on Enter what was typed, once, and is empty again', async () => {
  await type('  您好，我来查一下  ')
  await press('Enter')
  expect(sent()).toEqual(['您好，我来查一下'])
  expect(field.value).toBe('')
  await press('Enter')
  expect(sent()).toHaveLength(1)
})

it('sends with Ctrl+Enter too, and not with Shift+Enter or a key that is held down', async () => {
  await type('一')
  await press('Enter', { shiftKey: true })
  await press('Enter', { repeat: true })
  expect(sent()).toEqual([])
  await press('Enter', { ctrlKey: true })
  expect(sent()).toEqual(['一'])
})

it('leaves the Enter of an input method to the input method', async () => {
  await type('nihao')
  field.dispatchEvent(new CompositionEvent('compositionstart'))
  await press('Enter')
  // Safari ends the composition first and sends its Enter after.
  field.dispatchEvent(new CompositionEvent('compositionend'))
  await press('Enter')
  expect(sent()).toEqual([])
  await new Promise((done) => setTimeout(done, 5))
  await press('Enter', { isComposing: true })
  expect(sent()).toEqual([])
  await press('Enter')
  expect(sent()).toEqual(['nihao'])
})

it('counts bytes, and refuses one byte too many', async () => {
  await type('微'.repeat(682) + 'ab')
  expect(button().disabled).toBe(false)
  await type('微'.repeat(682) + 'abc')
  expect(button().disabled).toBe(true)
  expect(document.querySelector('#composer-count')?.textContent).toContain('1')
  await press('Enter')
  expect(sent()).toEqual([])
})

it('is shut with a sentence when the conversation is not ours, or the line is down', async () => {
  detail.value = aDetail({ agent: { agent_id: 'a_2', name: '小王' } })
  await nextTick()
  expect([field.disabled, says()]).toEqual([true, '这个对话不由你接待，只能查看。'])
  detail.value = aDetail()
  desk.live.value = 'reconnecting'
  await nextTick()
  expect([field.disabled, says()]).toEqual([true, '连接中断，正在补齐消息，恢复后即可发送。'])
  desk.live.value = 'live'
  await nextTick()
  expect([field.disabled, says()]).toEqual([false, ''])
})

it('keeps what was typed for each conversation', async () => {
  await type('给第一个人的')
  detail.value = aDetail({ conversation_id: 'c_2' })
  await nextTick()
  expect(field.value).toBe('')
  await type('给第二个人的')
  detail.value = aDetail()
  await nextTick()
  expect(field.value).toBe('给第一个人的')
})

it('shows what the subscriber wrote meanwhile and lets the agent decide', async () => {
  api.hear('c_1', '不用了，我自己解决了')
  await type('我帮您处理')
  await press('Enter')
  detail.value = desk.conversations.get('c_1')!
  await nextTick()
  expect(document.querySelector('[data-testid=conflict]')?.textContent).toContain('不用了，我自己解决了')
  expect(field.disabled).toBe(true)
  document.querySelector<HTMLButtonElement>('[data-testid=conflict-edit]')!.click()
  await nextTick()
  expect([field.disabled, field.value, sent()]).toEqual([false, '我帮您处理', []])
})

const seen = (name: string) => document.querySelector<HTMLElement>(`[data-testid=${name}]`)
const pictures = () => api.calls.filter((call) => call.startsWith('picture')).map((call) => call.split(' ').at(-1))

async function give(...files: File[]): Promise<void> {
  const chooser = seen('picture-chooser') as HTMLInputElement
  Object.defineProperty(chooser, 'files', { value: files, configurable: true })
  chooser.dispatchEvent(new Event('change'))
  await vi.waitFor(() => expect(seen('picture-problem') ?? seen('picture-staged')).toBeTruthy())
}

const png = () => new File(['PNG'], 'a.png', { type: 'image/png' })

it('shows the picture that was chosen, and sends it when told to, before the words', async () => {
  await give(png())
  await type('您看')
  expect(pictures()).toEqual([])
  await press('Enter')
  expect(pictures()).toEqual(['PNG'])
  expect(api.details.get('c_1')!.transcript.map((message) => message.text)).toEqual(['第 1 句', '[图片]', '您看'])
  expect(seen('picture-staged')).toBeNull()
})

it('sends a picture without words', async () => {
  await give(png())
  await press('Enter')
  expect(pictures()).toEqual(['PNG'])
})

it('sends nothing of a picture that was taken away again', async () => {
  await give(png())
  seen('picture-remove')!.click()
  await nextTick()
  await press('Enter')
  expect(pictures()).toEqual([])
})

it('keeps a picture with the conversation it was meant for', async () => {
  await give(png())
  detail.value = aDetail({ conversation_id: 'c_2' })
  await nextTick()
  expect(seen('picture-staged')).toBeNull()
  await press('Enter')
  expect(pictures()).toEqual([])
  detail.value = aDetail()
  await nextTick()
  expect(seen('picture-staged')).toBeTruthy()
})

it.each([['a.svg', 'image/svg+xml'], ['a.pdf', 'application/pdf'], ['a', '']])('says that %s is no picture', async (name, kind) => {
  await give(new File(['<svg/>'], name, { type: kind }))
  expect(seen('picture-problem')?.textContent).toContain('PNG、JPEG 或 GIF')
})

it('says that a moving picture is too large', async () => {
  await give(new File([new Uint8Array(2 * 1024 * 1024 + 1)], 'a.gif', { type: 'image/gif' }))
  expect(seen('picture-problem')?.textContent).toContain('2 MB')
})
