/** Moments as people at the desk read them: in the zone of the service, Asia/Shanghai, wherever the browser is. */

const ZONE = 'Asia/Shanghai'
const made = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`
  let found = made.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { timeZone: ZONE, hourCycle: 'h23', ...options })
    made.set(key, found)
  }
  return found
}

/** A stable name for the day, to put separators between days: "2026-11-22". Empty for what is no moment. */
export function dayKey(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? '' : format('en-CA', 'key', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}

export function hourMinute(iso: string, locale: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? '' : format(locale, 'hm', { hour: '2-digit', minute: '2-digit' }).format(at)
}

/** "11月22日 星期日" / "Sun, Nov 22". */
export function dayName(iso: string, locale: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return format(locale, 'day', { month: locale.startsWith('zh') ? 'long' : 'short', day: 'numeric', weekday: locale.startsWith('zh') ? 'long' : 'short' }).format(at)
}

/** Day and time, for as-of moments: "11-22 20:05" / "Nov 22, 20:05". What is no moment is shown as it came. */
export function dayTime(iso: string, locale: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const zh = locale.startsWith('zh')
  return format(locale, 'dt', { month: zh ? '2-digit' : 'short', day: zh ? '2-digit' : 'numeric', hour: '2-digit', minute: '2-digit' })
    .format(at)
    .replace('/', '-')
}

/** For lists: the time today, the day before that. */
export function recently(iso: string, locale: string, now: Date): string {
  if (dayKey(iso) === dayKey(now.toISOString())) return hourMinute(iso, locale)
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? '' : format(locale, 'md', { month: 'numeric', day: 'numeric' }).format(at)
}
