import { createApp, h, type App } from 'vue'
import { afterEach, expect, it } from 'vitest'

import type { Handoff } from '../src/api/types'
import PacketTab from '../src/desk/PacketTab.vue'
import { createMessages } from '../src/i18n'

const HANDOFF: Handoff = {
  handoff_id: 'h_1', reason: 'asked', intent: 'request_human', skill: 'general', priority: 0, requested_at: '2026-11-22T20:00:00+08:00',
  accepted_at: null, wish: '要人工', proof_level: 0, ticket: null, slots: {}, actions: [], version: 1, rating: null, rated_at: null,
}

let app: App

function shown(handoff: Handoff): string[] {
  const root = document.createElement('div')
  app = createApp({ render: () => h(PacketTab, { handoff }) })
  app.use(createMessages('zh')).mount(root)
  return [...root.querySelectorAll('dl > div')].map((fact) => [...fact.children].map((part) => part.textContent).join(' '))
}

afterEach(() => app.unmount())

it.each([['satisfied', '评价 满意'], ['neutral', '评价 一般'], ['unsatisfied', '评价 不满意']] as const)('shows what the subscriber thought: %s', (rating, line) => {
  expect(shown({ ...HANDOFF, rating, rated_at: '2026-11-22T20:10:00+08:00' })).toContain(line)
})

it('says nothing of a rating that was not given', () => {
  expect(shown(HANDOFF).filter((fact) => fact.startsWith('评价'))).toEqual([])
})
