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

type Unit = 'fen' | 'bytes' | 's' | null

/** A key says its unit by its ending; one that does not has the unit of what it stands in. */
function unitOf(key: string, around: Unit): Unit {
  if (/(^|_)fen$/.test(key)) return 'fen'
  if (/(^|_)bytes$/.test(key)) return 'bytes'
  if (/(^|_)(s|seconds)$/.test(key)) return 's'
  return around
}

/** An allowance says what it counts by its kind; charges by category are money throughout. */
function unitWithin(key: string, inside: Record<string, unknown>, around: Unit): Unit {
  if (key === 'by_category') return 'fen'
  if (inside.kind === 'data') return 'bytes'
  if (inside.kind === 'voice') return 's'
  return around
}

function number(value: number, unit: Unit): string {
  if (Number.isInteger(value) && unit === 'fen') return yuan(value)
  if (unit === 'bytes') return bytes(value)
  if (unit === 's') return clock(value)
  return value.toLocaleString('en-US', { maximumFractionDigits: 4 })
}

export interface Words {
  flag: (value: boolean) => string
  moment: (iso: string) => string
  /** Names for codes, by the key they stand under. */
  text?: (key: string, value: string) => string
}

function scalar(key: string, value: unknown, words: Words, unit: Unit): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'number') return number(value, unitOf(key, unit))
  if (typeof value === 'boolean') return words.flag(value)
  const text = String(value)
  return MOMENT.test(text) ? words.moment(text) : (words.text?.(key, text) ?? text)
}

/** Lines to read, one per figure; lists and objects are walked, at most four deep. */
export function figureLines(figures: Record<string, unknown>, words: Words): Line[] {
  return walk(figures, words, { depth: 0, unit: null })
}

interface Place {
  depth: number
  unit: Unit
}

function deeper(place: Place, unit: Unit = place.unit): Place {
  return { depth: place.depth + 1, unit }
}

function walk(figures: Record<string, unknown>, words: Words, place: Place): Line[] {
  return Object.entries(figures).flatMap(([key, value]) => entryLines(key, value, words, place))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listLines(key: string, list: unknown[], words: Words, place: Place): Line[] {
  if (list.some((item) => typeof item === 'object' && item !== null)) {
    const inner = list.flatMap((item, index) => itemLines(`${index + 1}`, item, words, deeper(place)))
    return [{ key, value: '', depth: place.depth }, ...inner]
  }
  const all = list.map((item) => scalar(key, item, words, place.unit)).join(', ')
  return [{ key, value: all || '—', depth: place.depth }]
}

function entryLines(key: string, value: unknown, words: Words, place: Place): Line[] {
  if (Array.isArray(value)) return listLines(key, value, words, place)
  if (!isObject(value)) return [{ key, value: scalar(key, value, words, place.unit), depth: place.depth }]
  if (place.depth >= 4) return [{ key, value: '…', depth: place.depth }]
  const unit = unitWithin(key, value, unitOf(key, place.unit))
  return [{ key, value: '', depth: place.depth }, ...walk(value, words, deeper(place, unit))]
}

/** What an item of a list is called, by the names that lists use. */
const TITLES = ['name', 'title', 'label', 'product'] as const

/** `{name: "套外流量", amount_fen: 6000}` is one line, "套外流量 ¥60.00"; with more figures its name heads them. */
function itemLines(index: string, item: unknown, words: Words, place: Place): Line[] {
  if (!isObject(item)) return entryLines(index, item, words, place)
  const titled = TITLES.find((title) => typeof item[title] === 'string' && item[title] !== '')
  if (!titled) return entryLines(index, item, words, place)
  const title = String(item[titled])
  const rest = Object.entries(item).filter(([key, value]) => key !== titled && value !== null)
  const only = rest[0]
  const unit = unitWithin('', item, place.unit)
  if (rest.length === 1 && only && typeof only[1] !== 'object') return [{ key: title, value: scalar(only[0], only[1], words, unit), depth: place.depth }]
  return [{ key: title, value: '', depth: place.depth }, ...walk(Object.fromEntries(rest), words, deeper(place, unit))]
}
