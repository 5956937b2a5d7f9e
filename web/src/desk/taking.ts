/** Taking over: from an offer, from the queue, from an open conversation. One at a time, errors in words. */
import { ref, type Ref } from 'vue'
import type { Router } from 'vue-router'

import type { Offer } from '../api/types'
import { useWords } from '../i18n'
import { MessagePlugin } from '../ui'
import type { Desk } from './store'

export interface Taking {
  /** The conversation that is being accepted. */
  busy: Ref<string | null>
  accept(what: { conversation_id: string; epoch: number }): Promise<void>
  acceptOffer(offer: Offer): Promise<void>
  decline(offer: Offer): Promise<void>
}

export function useTaking(desk: Desk, router: Router, onTaken: () => void): Taking {
  const { sorry } = useWords()
  const busy = ref<string | null>(null)

  async function accept(what: { conversation_id: string; epoch: number }): Promise<void> {
    if (busy.value) return
    busy.value = what.conversation_id
    try {
      await desk.accept(what.conversation_id, what.epoch)
      await router.push({ name: 'desk', params: { id: what.conversation_id } })
      onTaken()
    } catch (error) {
      void MessagePlugin.warning(sorry(error))
    } finally {
      busy.value = null
    }
  }

  return {
    busy,
    accept,
    acceptOffer: (offer) => accept({ conversation_id: offer.conversation_id, epoch: offer.waiting.epoch }),
    async decline(offer) {
      try {
        await desk.decline(offer)
      } catch (error) {
        void MessagePlugin.warning(sorry(error))
      }
    },
  }
}
