/** Wires the desk to what can be heard and seen from another window: offers insist, messages are mentioned. */
import { inject, onBeforeUnmount, watch } from 'vue'
import { useRouter } from 'vue-router'

import type { Offer, Summary } from '../api/types'
import { useWords } from '../i18n'
import { preferencesKey } from '../session/preferences'
import { MessagePlugin } from '../ui'
import { createAlerts, type AlertText } from './alerts'
import { createSound } from './sound'
import type { Desk } from './store'

function desktop(text: AlertText, tag: string, open: () => void): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted' || document.hasFocus()) return
  const note = new Notification(text.title, { body: text.body, tag })
  note.onclick = () => {
    window.focus()
    open()
    note.close()
  }
}

export function useAlerts(desk: Desk, unread: (summary: Summary) => number): void {
  const { t, guest } = useWords()
  const { sound, language } = inject(preferencesKey)!
  const router = useRouter()

  function plainTitle(): string {
    const waiting = desk.lists.mine.value.reduce((sum, summary) => sum + unread(summary), 0)
    return (waiting > 0 ? `(${waiting}) ` : '') + t('app.title')
  }

  const alerts = createAlerts({
    beep: createSound(() => sound.value).beep,
    notify: (text, tag) => desktop(text, tag, () => void router.push({ name: 'desk', params: { id: tag } })),
    setTitle: (title) => {
      document.title = title
    },
    plainTitle,
  })

  const insisting = new Set<string>()
  function offersChanged(offers: Offer[]): void {
    const now = new Map(offers.map((offer) => [offer.conversation_id, offer]))
    for (const id of insisting) {
      if (now.has(id)) continue
      insisting.delete(id)
      alerts.calm(id)
      if (!desk.acted.has(id)) void MessagePlugin.warning(t('offer.missed'))
    }
    for (const [id, offer] of now) {
      if (!insisting.has(id)) desk.acted.delete(id)
      insisting.add(id)
      const { subscriber, wish, last_text } = offer.waiting
      alerts.insist(id, { title: t('offer.alert', { name: guest(subscriber) }), body: wish || last_text })
    }
  }

  const counted = new Map<string, number>()
  function mineChanged(mine: Summary[]): void {
    for (const summary of mine) {
      const before = counted.get(summary.conversation_id)
      counted.set(summary.conversation_id, summary.unread)
      if (before === undefined || summary.unread <= before) continue
      // On the screen is not yet seen: the window may lie behind another.
      if (unread(summary) === 0 && document.hasFocus()) continue
      alerts.mention({ title: guest(summary.subscriber), body: summary.last_text }, summary.conversation_id)
    }
    if (insisting.size === 0) document.title = plainTitle()
  }

  watch(desk.lists.offers, offersChanged, { immediate: true })
  watch([desk.lists.mine, desk.currentId], () => mineChanged(desk.lists.mine.value), { immediate: true })
  watch(language, () => {
    if (insisting.size === 0) document.title = plainTitle()
  })
  onBeforeUnmount(() => {
    alerts.stop()
    document.title = t('app.title')
  })
}
