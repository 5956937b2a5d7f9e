/** The pages. Addresses live behind the `#`, so the pages work wherever the files are served and a place survives a sign-in. */
import { watch } from 'vue'
import { createRouter, createWebHashHistory, type Router, type RouteRecordRaw, type RouterHistory } from 'vue-router'

import DeskPage from './pages/DeskPage.vue'
import SignInPage from './pages/SignInPage.vue'
import { safePlace } from './session/place'
import type { SessionStore } from './session/store'

const PAGES: readonly RouteRecordRaw[] = [
  { path: '/', redirect: '/desk' },
  { path: '/sign-in', name: 'sign-in', component: SignInPage },
  { path: '/desk/:id?', name: 'desk', component: DeskPage, meta: { signedIn: true } },
  { path: '/:rest(.*)*', redirect: '/desk' },
]

export function createPages(session: SessionStore, history: RouterHistory = createWebHashHistory()): Router {
  const router = createRouter({ history, routes: [...PAGES] })

  router.beforeEach(async (to) => {
    let signedIn = false
    try {
      signedIn = await session.restore()
    } catch {
      // The server cannot be reached: the sign-in page says so and keeps the place.
    }
    if (to.meta.signedIn && !signedIn) return { name: 'sign-in', query: to.path === '/desk' ? {} : { to: to.fullPath } }
    if (to.name === 'sign-in' && signedIn) return safePlace(to.query.to)
    return true
  })

  watch(
    () => session.agent.value === null,
    (out) => {
      const here = router.currentRoute.value
      if (!out || here.name === 'sign-in') return
      void router.push({ name: 'sign-in', query: session.expired.value ? { to: here.fullPath } : {} })
    },
  )
  return router
}
