/** The sentences of the pages, Chinese first. Names of intents, slots, figures … that no file knows are shown as they are. */
import { createI18n, useI18n } from 'vue-i18n'

import { ApiError } from '../api/client'
import type { Language } from '../session/preferences'
import en from './en.json'
import zh from './zh.json'

export const LOCALES: Record<Language, string> = { zh: 'zh-CN', en: 'en-US' }

/** Codes may hold dots and worse; a message's path may not. */
function path(family: string, code: string): string {
  return `${family}.${code.replace(/\W/g, '_')}`
}

export function createMessages(language: Language) {
  return createI18n({ legacy: false, locale: language, fallbackLocale: 'zh', messages: { zh, en }, missingWarn: false, fallbackWarn: false })
}

/** The languages' words for codes, and errors in words. For use in setup functions. */
export function useWords() {
  const { t, te, tm, locale } = useI18n()

  function word(family: string, code: string | null | undefined): string {
    if (code === null || code === undefined || code === '') return '—'
    return known(family, code) ? t(path(family, code)) : code
  }

  function known(family: string, code: string): boolean {
    return te(path(family, code))
  }

  /** The server calls subscribers by a made-up name, in Chinese. */
  function guest(name: string): string {
    return name.replace(/^访客/, t('chat.guest'))
  }

  /** One sentence for what went wrong: ours for a known code, else the server's own words. */
  function sorry(error: unknown): string {
    if (!(error instanceof ApiError)) return t('errors.fault')
    if (te(`errors.${error.code}`)) return t(`errors.${error.code}`)
    const theirs = locale.value === 'zh' ? error.messageZh : error.message
    return theirs && theirs !== error.code ? theirs : t('errors.fault')
  }

  return { t, tm, locale, word, known, guest, sorry, bcp47: () => LOCALES[locale.value as Language] }
}
