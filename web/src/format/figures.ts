/** Figures of receipts and packets, from the units they are kept in (fen, bytes, seconds) to what a person reads. */

export interface Line {
  key: string
  value: string
  /** Lines of a list or of a nested object are indented under their key. */
  depth: number
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/

/** 3280 → "¥32.80". Fen are integers; anything else is shown as it came. */
export function yuan(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const whole = Math.abs(fen)
  const yuanPart = Math.trunc(whole / 100).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}¥${yuanPart}.${String(whole % 100).padStart(2, '0')}`
}

/** Bytes with 1 GB = 1024³: the largest unit that leaves at least one whole. */
export function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const text = unit === 0 || Number.isInteger(value) ? String(value) : value.toFixed(2)
  return `${text} ${units[unit]}`
}

/** Seconds as m:ss, or h:mm:ss. */
export function clock(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

function number(key: string, value: number): string {
  if (Number.isInteger(value) && /(^|_)fen$/.test(key)) return yuan(value)
  if (/(^|_)bytes$/.test(key)) return bytes(value)
  if (/(^|_)(s|seconds)$/.test(key)) return clock(value)
  return value.toLocaleString('en-US', { maximumFractionDigits: 4 })
}

function scalar(key: string, value: unknown, words: Words): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'number') return number(key, value)
  if (typeof value === 'boolean') return words.flag(value)
  const text = String(value)
  return MOMENT.test(text) ? words.moment(text) : text
}

export interface Words {
  flag: (value: boolean) => string
  moment: (iso: string) => string
}

/** A key says its unit by its ending (…_fen, …_bytes, …_s); lists and objects are walked, at most four deep. */
export function figureLines(figures: Record<string, unknown>, words: Words, depth = 0): Line[] {
  return Object.entries(figures).flatMap(([key, value]) => entryLines(key, value, words, depth))
}

function entryLines(key: string, value: unknown, words: Words, depth: number): Line[] {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null)) {
      const all = value.map((item) => scalar(key, item, words)).join(', ')
      return [{ key, value: all || '—', depth }]
    }
    const inner = value.flatMap((item, index) => itemLines(`${index + 1}`, item, words, depth + 1))
    return [{ key, value: '', depth }, ...inner]
  }
  if (typeof value === 'object' && value !== null) {
    if (depth >= 4) return [{ key, value: '…', depth }]
    return [{ key, value: '', depth }, ...figureLines(value as Record<string, unknown>, words, depth + 1)]
  }
  return [{ key, value: scalar(key, value, words), depth }]
}

/** What an item of a list is called, by the names that lists use. */
const TITLES = ['name', 'title', 'label', 'product'] as const

/** `{name: "套外流量", amount_fen: 6000}` is one line, "套外流量 ¥60.00"; with more figures its name heads them. */
function itemLines(index: string, item: unknown, words: Words, depth: number): Line[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return entryLines(index, item, words, depth)
  const figures = item as Record<string, unknown>
  const titled = TITLES.find((title) => typeof figures[title] === 'string' && figures[title] !== '')
  if (!titled) return entryLines(index, item, words, depth)
  const title = String(figures[titled])
  const rest = Object.entries(figures).filter(([key, value]) => key !== titled && value !== null)
  const only = rest[0]
  if (rest.length === 1 && only && typeof only[1] !== 'object') return [{ key: title, value: scalar(only[0], only[1], words), depth }]
  return [{ key: title, value: '', depth }, ...figureLines(Object.fromEntries(rest), words, depth + 1)]
}
