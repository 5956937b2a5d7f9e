import { beforeEach, describe, expect, it } from 'vitest'

import { ApiError } from '../src/api/client'
import { createConversations, type Conversations } from '../src/desk/conversations'
import { createOutbox, newClientId, type Outbox } from '../src/desk/outbox'
import { aDetail, FakeApi } from './fakes'

let api: FakeApi
let conversations: Conversations
let outbox: Outbox

beforeEach(async () => {
  api = new FakeApi(aDetail())
  conversations = createConversations(api)
  let count = 0
  outbox = createOutbox(api, conversations, { newId: () => `k_${(count += 1)}` })
  await conversations.refresh('c_1')
  conversations.markSeen('c_1', 1)
})

const texts = () => api.details.get('c_1')!.transcript.map((message) => message.text)
const only = () => outbox.of('c_1')[0]!

describe('what the agent sends', () => {
  it('is shown at once and replaced by what the server confirms', async () => {
    const sending = outbox.send('c_1', '您好')
    expect(outbox.of('c_1').map((one) => [one.text, one.state])).toEqual([['您好', 'posting']])
    await sending
    expect(outbox.of('c_1')).toEqual([])
    const shown = conversations.get('c_1')!
    expect(shown.transcript.map((message) => message.text)).toEqual(['第 1 句', '您好'])
    expect(shown.purse?.left).toBe(4)
  })

  it('goes out in the order of typing, also when sent in one breath', async () => {
    await Promise.all([outbox.send('c_1', '一'), outbox.send('c_1', '二'), outbox.send('c_1', '三')])
    expect(texts()).toEqual(['第 1 句', '一', '二', '三'])
  })

  it('arrives once when the answer was lost after the server stored it', async () => {
    api.faults = ['lose']
    await outbox.send('c_1', '只说一次')
    expect(outbox.of('c_1')).toEqual([])
    expect(texts().filter((text) => text === '只说一次')).toHaveLength(1)
  })

  it('arrives once when the agent retries, under the same client_id', async () => {
    api.faults = ['refuse']
    await outbox.send('c_1', '重试')
    expect([only().state, only().error?.code]).toEqual(['failed', 'network'])
    await outbox.retry(only())
    expect(api.calls.filter((call) => call.startsWith('reply'))).toEqual(['reply k_1', 'reply k_1'])
    expect(texts().filter((text) => text === '重试')).toHaveLength(1)
    expect(outbox.of('c_1')).toEqual([])
  })

  it('may be a picture, in its place among the texts and once', async () => {
    const picture = { content: btoa('PNG'), preview: 'data:image/png;base64,UE5H' }
    api.faults = ['lose']
    await Promise.all([outbox.send('c_1', '看图'), outbox.sendPicture('c_1', picture), outbox.send('c_1', '就是这里')])
    for (const one of outbox.of('c_1')) await outbox.retry(one)
    expect(texts()).toEqual(['第 1 句', '看图', '[图片]', '就是这里'])
    expect(api.calls).toContain('picture k_2 PNG')
  })

  it('never overtakes one that did not go through, and both follow in order on retry', async () => {
    api.faults = ['refuse']
    await Promise.all([outbox.send('c_1', '先'), outbox.send('c_1', '后')])
    expect(outbox.of('c_1').map((one) => one.error?.code)).toEqual(['network', 'behind_unsent'])
    expect(texts()).toEqual(['第 1 句'])
    await outbox.retry(only())
    expect(texts()).toEqual(['第 1 句', '先', '后'])
  })

  it('waits for the agent when the subscriber has written since, and goes out once confirmed', async () => {
    api.hear('c_1', '等等')
    await outbox.send('c_1', '好的')
    expect(only().state).toBe('conflict')
    expect(conversations.get('c_1')!.transcript.at(-1)!.text).toBe('等等')
    await outbox.confirm(only())
    expect(texts()).toEqual(['第 1 句', '等等', '好的'])
  })

  it('asks again when yet another message came before the agent confirmed', async () => {
    api.hear('c_1', '等等')
    await outbox.send('c_1', '好的')
    api.hear('c_1', '还有')
    await outbox.confirm(only())
    expect(only().state).toBe('conflict')
    await outbox.confirm(only())
    expect(texts().at(-1)).toBe('好的')
  })

  it('is refused for good when the conversation changed hands, and can be taken back', async () => {
    api.details.set('c_1', { ...api.details.get('c_1')!, epoch: 4, agent: { agent_id: 'a_2', name: '小王' } })
    await outbox.send('c_1', '晚了')
    expect([only().state, only().error?.code]).toEqual(['refused', 'epoch_moved'])
    expect(conversations.get('c_1')!.epoch).toBe(4)
    outbox.discard(only())
    expect(outbox.of('c_1')).toEqual([])
    expect(texts()).toEqual(['第 1 句'])
  })

  it('keeps what could not be sent when the session ended', async () => {
    api.faults = [new ApiError('not_signed_in', 401)]
    await outbox.send('c_1', '别丢')
    expect([only().text, only().state]).toEqual(['别丢', 'failed'])
  })

  it('retries nothing that was discarded meanwhile', async () => {
    api.faults = ['refuse']
    await outbox.send('c_1', '不要了')
    const gone = only()
    outbox.discard(gone)
    await outbox.retry(gone)
    expect(texts()).toEqual(['第 1 句'])
  })
})

it('makes client ids that the server takes and that do not repeat', () => {
  const ids = new Set(Array.from({ length: 500 }, newClientId))
  expect(ids.size).toBe(500)
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/)
})
