// What the practice server starts with: people, lines, figures. Shapes are those of docs/architecture.md "Staff API".
let count = 0
export const id = (prefix) => `${prefix}_${String(++count).padStart(4, '0')}`
export const iso = (agoS = 0) => new Date(Date.now() - agoS * 1000).toISOString().replace('Z', '+00:00')

export function message(author, text, agoS, more = {}) {
  return {
    position: 0, author, name: null, text, at: iso(agoS), status: author === 'subscriber' ? 'received' : 'handed_over',
    reason: null, turn_id: null, client_id: null, kind: 'text', media: null, place: null, link: null, ...more,
  }
}

const RECEIPTS = {
  balance: { source: 'carrier.sql', query: 'balance', figures: { available_fen: 3280, owed_fen: 0, month_to_date_fen: 4510 }, proof_level: 1, line: '179****0001' },
  bill: {
    source: 'carrier.sql', query: 'bill', proof_level: 2, line: '179****0001',
    figures: { period: '2026-10', total_fen: 12850, paid_fen: 12850, items: [{ name: '畅享59套餐', amount_fen: 5900 }, { name: '套外流量', amount_fen: 6000 }, { name: '来电显示', amount_fen: 950 }] },
  },
  allowance: { source: 'carrier.sql', query: 'allowance', figures: { data_left_bytes: 3435973836, data_total_bytes: 21474836480, voice_left_s: 7260 }, proof_level: 1, line: '179****0001' },
}

function conversation(name, lines, handoff, more = {}) {
  const c = {
    conversation_id: id('c'), account: 'demo', subscriber: `访客 ${name}`, owner: 'waiting', epoch: 2, agent: null,
    purse: { left: 4, of: 5, until: iso(-47.6 * 3600) }, transcript: [], receipts: [], turns: [], scene: '', unread: 0, ended: false,
    handoff: {
      handoff_id: id('h'), reason: 'asked', intent: 'request_human', skill: 'general', priority: 0, requested_at: iso(handoff.ago ?? 60), accepted_at: null,
      wish: '', proof_level: 0, ticket: null, slots: {}, actions: [], version: 1, rating: null, rated_at: null, ...handoff,
    },
    ...more,
  }
  delete c.handoff.ago
  for (const line of lines) say(c, line)
  return c
}

export function say(c, line) {
  line.position = c.transcript.length + 1
  c.transcript.push(line)
  return line
}

function asked(c, agoS, text, intent, confidence, decision, reply, receipt) {
  const turn_id = id('t')
  say(c, message('subscriber', text, agoS, { turn_id }))
  c.turns.push({ turn_id, intent, confidence, decision, at: iso(agoS) })
  if (receipt) c.receipts.push({ ...RECEIPTS[receipt], turn_id, as_of: iso(agoS + 30) })
  if (reply) say(c, message('bot', reply, agoS - 1, { turn_id }))
}

function billStory() {
  const c = conversation('7F3A', [], {
    ago: 150, reason: 'dispute', intent: 'explain_charge', skill: 'billing', priority: 1, proof_level: 2, wish: '10 月账单里多出 60 元套外流量，要求说明并退费',
    ticket: 'T20261122-0031', slots: { period: '2026-10', amount_fen: 6000, phone_number: '179****0001' },
    actions: [{ name: 'action_query_bill', outcome: 'ok' }, { name: 'action_explain_charge', outcome: 'failed' }],
  })
  say(c, message('subscriber', '你好', 90000))
  say(c, message('bot', '您好，这里是微厅。可以查话费、账单、流量、积分，也可以回复“人工”。', 89999))
  asked(c, 420, '查一下话费还有多少', 'query_balance', 0.97, 'answered', '【话费】179****0001 可用余额 32.80 元，本月已消费 45.10 元（截至 20:05）。回“账单”看明细，“人工”转客服', 'balance')
  asked(c, 380, '上个月账单', 'query_bill', 0.94, 'answered', '【账单】179****0001 2026年10月合计 128.50 元：\n畅享59套餐 59.00\n套外流量 60.00\n来电显示 9.50', 'bill')
  asked(c, 300, '流量还剩多少', 'query_allowance', 0.91, 'answered', '【余量】通用流量：剩 3.20GB / 共 20GB，11-30 到期', 'allowance')
  asked(c, 200, '怎么会有60块套外？我都没怎么用', 'explain_charge', 0.63, 'handoff', null)
  say(c, message('notice', '您对费用有疑问，已为您转人工客服。您排在第 1 位。', 198))
  return c
}

const owned = (c, agent) => Object.assign(c, { owner: 'agent', epoch: 3, agent: { agent_id: agent.agent_id, name: agent.name } })

export function busyStory(agent) {
  const bill = owned(billStory(), agent)
  bill.handoff.accepted_at = iso(120)
  say(bill, message('agent', '您好，我是小林，我来帮您看一下 10 月的套外流量。', 110, { name: agent.name, status: 'sent' }))
  say(bill, message('subscriber', '好的，麻烦快一点', 95))
  say(bill, message('agent', '10 月 18 日有一笔 12GB 的视频流量，超出套餐部分按 5 元/GB 计费。', 60, { name: agent.name, status: 'unknown', reason: 'timeout' }))
  say(bill, message('agent', '我为您申请了核减，工单号 T20261122-0031，48 小时内回复。', 40, { name: agent.name, status: 'held', reason: 'purse_empty' }))
  say(bill, message('subscriber', '那我等消息', 20))
  Object.assign(bill, { purse: { left: 3, of: 5, until: iso(-47.9 * 3600) }, unread: 1 })
  const phone = owned(conversation('19C0', [message('subscriber', '手机丢了，帮我停机', 500), message('notice', '已为您转人工客服。', 498), message('subscriber', '在吗？很急', 240), message('subscriber', '？？', 200)], { ago: 498, reason: 'no_code', intent: 'suspend_line', skill: 'line', priority: 2, wish: '手机丢失，要求立即停机，收不到验证码' }), agent)
  phone.unread = 2
  phone.purse.left = 1
  const points = owned(conversation('A8D2', [message('subscriber', '积分能换什么', 900), message('agent', '目前可以兑换话费和流量包，您想换哪一种？', 700, { name: agent.name, status: 'sent' })], { ago: 880, intent: 'redeem_points', skill: 'points', proof_level: 1 }), agent)
  const queue = [
    conversation('3B77', [message('subscriber', '你们这个机器人根本听不懂，我要投诉！', 205)], { ago: 204, reason: 'complaint', intent: 'complain', skill: 'complaint', priority: 1, wish: '对机器人答复不满，要投诉', ticket: 'T20261122-0034' }),
    conversation('C401', [message('subscriber', '宽带从昨天晚上就断了，重启路由器也没用，家里老人小孩都等着上网，能不能今天派师傅来', 96)], { ago: 95, reason: 'no_answer', intent: 'report_fault', wish: '宽带从昨晚断网，要求今天上门' }),
    conversation('05EE', [message('subscriber', '人工', 41)], { ago: 40, reason: 'elderly', priority: 1, wish: '65 岁以上，要求人工' }),
    conversation('F19B', [message('subscriber', '🙂🙂🙂', 12)], { ago: 11, reason: 'unclear', intent: 'out_of_scope', wish: '两次没听懂' }),
  ]
  const old = conversation('66AD', [message('subscriber', '谢谢', 4000), message('notice', '人工服务已结束，请评价：1 满意 2 不满意', 3990)], { ago: 5000, intent: 'query_bill' }, { owner: 'bot', epoch: 4, ended: true })
  old.handoff.accepted_at = iso(4900)
  return [bill, phone, points, ...queue, old]
}

export const quietStory = () => []
