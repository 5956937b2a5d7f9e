import 'tdesign-vue-next/es/style/index.css'
import './styles/base.css'

import { createApp, watch } from 'vue'

import { createApi } from './api/client'
import App from './App.vue'
import { createDesk, deskKey } from './desk/store'
import { createMessages, LOCALES } from './i18n'
import { createServiceClock } from './live/clock'
import { createPages } from './router'
import { createPreferences, preferencesKey } from './session/preferences'
import { createSession, sessionKey, type SessionStore } from './session/store'

function start(): void {
  const preferences = createPreferences(localStorage)
  const i18n = createMessages(preferences.language.value)
  const holder: { session?: SessionStore } = {}
  const api = createApi({ onExpired: () => holder.session?.expire() })
  const clock = createServiceClock({ storage: sessionStorage })
  const session = createSession(api, clock.learnNow)
  holder.session = session
  const desk = createDesk(api, session, { clock })

  watch(
    preferences.language,
    (language) => {
      i18n.global.locale.value = language
      document.documentElement.lang = LOCALES[language]
      document.title = i18n.global.t('app.title')
    },
    { immediate: true },
  )

  createApp(App)
    .provide(preferencesKey, preferences)
    .provide(sessionKey, session)
    .provide(deskKey, desk)
    .use(i18n)
    .use(createPages(session))
    .mount('#app')
}

start()
