/** What this browser remembers for its user: language and sound. Nothing of any subscriber. */
import { ref, watch, type InjectionKey, type Ref } from 'vue'

export type Language = 'zh' | 'en'

export interface Preferences {
  language: Ref<Language>
  sound: Ref<boolean>
}

export const preferencesKey: InjectionKey<Preferences> = Symbol('preferences')

type Store = Pick<Storage, 'getItem' | 'setItem'>

function load(storage: Store, key: string): string | null {
  try {
    return storage.getItem(key)
  } catch {
    return null
  }
}

function save(storage: Store, key: string, value: string): void {
  try {
    storage.setItem(key, value)
  } catch {
    // A browser that keeps nothing still works; it only forgets.
  }
}

/** Chinese unless English was chosen before: the service speaks Chinese, whatever the browser's own language is. */
export function createPreferences(storage: Store): Preferences {
  const language = ref<Language>(load(storage, 'weiting.language') === 'en' ? 'en' : 'zh')
  const sound = ref(load(storage, 'weiting.sound') !== 'off')
  watch(language, (value) => save(storage, 'weiting.language', value), { flush: 'sync' })
  watch(sound, (value) => save(storage, 'weiting.sound', value ? 'on' : 'off'), { flush: 'sync' })
  return { language, sound }
}
