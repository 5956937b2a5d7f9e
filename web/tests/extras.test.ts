import { createApp, h, type App } from 'vue'
import { afterEach, expect, it } from 'vitest'

import MessageRow from '../src/desk/MessageRow.vue'
import type { Message } from '../src/api/types'
import { mapUrl } from '../src/format/place'
import { createMessages } from '../src/i18n'
import { aMessage } from './fakes'

let app: App

function shown(more: Partial<Message>): HTMLElement {
  const root = document.createElement('div')
  const message = aMessage(1, more)
  app = createApp({ render: () => h(MessageRow, { message, headed: true, mine: false, subscriber: '访客', sourced: false }) })
  app.use(createMessages('zh')).mount(root)
  return root
}

afterEach(() => app.unmount())

const media = (state: string, content_type: string) => ({ media_id: 'md_1', state, content_type, size: 2048 }) as Message['media']

it('shows a picture in place', () => {
  const root = shown({ kind: 'image', text: '[图片]', media: media('fetched', 'image/png') })
  expect(root.querySelector('img')?.getAttribute('src')).toBe('/api/v1/media/md_1')
})

it.each([['voice', 'audio/amr', '语音（2 KB'], ['video', 'video/mp4', '视频（2 KB']])('offers a %s as a file to save', (kind, type, words) => {
  const link = shown({ kind, text: '[语音]', media: media('fetched', type) }).querySelector<HTMLAnchorElement>('[data-testid=message-file]')
  expect(link?.textContent).toContain(words)
  expect(link?.hasAttribute('download')).toBe(true)
})

it('never draws what calls itself another kind of picture', () => {
  expect(shown({ kind: 'image', text: '[图片]', media: media('fetched', 'image/svg+xml') }).querySelector('img')).toBeNull()
})

it.each([['wanted', '正在取回'], ['failed', '无法打开'], ['expired', '已过期']])('says why a file is not there: %s', (state, words) => {
  const root = shown({ kind: 'image', text: '[图片]', media: media(state, '') })
  expect(root.querySelector('[data-testid=message-file-state]')?.textContent).toContain(words)
  expect(root.querySelector('img')).toBeNull()
})

it('marks words that a machine heard', () => {
  expect(shown({ kind: 'voice', text: '查话费', media: media('wanted', '') }).querySelector('[data-testid=message-spoken]')).not.toBeNull()
  app.unmount()
  expect(shown({ kind: 'text', text: '查话费' }).querySelector('[data-testid=message-spoken]')).toBeNull()
})

it('leads to the map for a place, and nowhere for a link', () => {
  const place = { latitude: 23.1, longitude: 113.3, label: '天河路;a:b' }
  const root = shown({ kind: 'location', text: '[位置] 天河路', place })
  expect(root.querySelector('[data-testid=message-map]')?.getAttribute('href')).toBe(mapUrl(place))
  expect(decodeURIComponent(mapUrl(place))).toContain('coord:23.1,113.3;title:天河路 a b')
  app.unmount()
  const link = { title: '标题', description: '', url: 'https://example.com/' }
  expect(shown({ kind: 'link', text: '[链接] 标题\nhttps://example.com/', link }).querySelector('a')).toBeNull()
})

it('shows a picture of our own without words about it', () => {
  const root = shown({ author: 'agent', kind: 'image', text: '[图片]', status: 'sent', media: media('fetched', 'image/png') })
  expect(root.querySelector('img')?.getAttribute('alt')).toBe('发出的图片')
  expect(root.textContent).not.toContain('[图片]')
})

it('says that there was one once it is erased', () => {
  expect(shown({ author: 'agent', kind: 'image', text: '[图片]', status: 'sent', media: null }).textContent).toContain('[图片]')
})
