/** How long, in words that stay short: "45 秒", "3 分", "1 小时 5 分". */
import { useWords } from '../i18n'

export function useDuration() {
  const { t } = useWords()
  return (seconds: number): string => {
    const all = Math.max(0, Math.floor(seconds))
    if (all < 60) return t('time.seconds', { s: all })
    if (all < 3600) return t('time.minutes', { m: Math.floor(all / 60) })
    return t('time.hours', { h: Math.floor(all / 3600), m: Math.floor((all % 3600) / 60) })
  }
}
