/** Who is signed in: restored from the cookie at start, ended by sign-out or by any 401. */
import { readonly, ref, type DeepReadonly, type InjectionKey, type Ref } from 'vue'

import { ApiError, type StaffApi } from '../api/client'
import type { Agent, Presence, Session } from '../api/types'

export interface SessionStore {
  agent: DeepReadonly<Ref<Agent | null>>
  /** The session ended by itself, not by the agent's wish. */
  expired: DeepReadonly<Ref<boolean>>
  /** Answers whether somebody is signed in; asks the server once. Rejects when the server cannot be reached. */
  restore(): Promise<boolean>
  signIn(login: string, password: string): Promise<void>
  signOut(): Promise<void>
  setPresence(status: Presence): Promise<void>
  /** Takes the agent's newest state: slots, presence set by the router. */
  refresh(): Promise<void>
  heartbeat(): Promise<void>
  expire(): void
}

export const sessionKey: InjectionKey<SessionStore> = Symbol('session')

/** `hearNow` is told the service's time from every answer that says it. */
export function createSession(api: StaffApi, hearNow: (now: string) => void = () => undefined): SessionStore {
  const agent = ref<Agent | null>(null)
  const expired = ref(false)
  let asked = false

  async function opened(answer: Promise<Session>): Promise<Agent> {
    const session = await answer
    hearNow(session.now)
    return session.agent
  }

  async function restore(): Promise<boolean> {
    if (agent.value || asked) return agent.value !== null
    try {
      agent.value = await opened(api.session())
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      expired.value = false
    }
    asked = true
    return agent.value !== null
  }

  function leave(byItself: boolean): void {
    expired.value = byItself && agent.value !== null
    agent.value = null
    asked = true
  }

  return {
    agent: readonly(agent) as DeepReadonly<Ref<Agent | null>>,
    expired: readonly(expired),
    restore,
    async signIn(login, password) {
      agent.value = await opened(api.signIn(login, password))
      expired.value = false
      asked = true
    },
    async signOut() {
      try {
        await api.signOut()
      } finally {
        leave(false)
      }
    },
    async setPresence(status) {
      agent.value = await api.setPresence(status)
    },
    async refresh() {
      const fresh = await opened(api.session())
      if (agent.value) agent.value = fresh
    },
    async heartbeat() {
      const fresh = await api.heartbeat()
      if (agent.value && fresh) agent.value = fresh
    },
    expire: () => {
      if (agent.value) leave(true)
    },
  }
}
