/** The desk's keys. Alt with a letter, so that nothing typed into a field is taken for a command. */
import { onBeforeUnmount, onMounted } from 'vue'

export interface Shortcuts {
  take(): void
  resolve(): void
  focus(): void
  move(step: 1 | -1): void
  help(): void
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

const ALT: ReadonlyMap<string, (keys: Shortcuts) => void> = new Map([
  ['KeyA', (keys) => keys.take()],
  ['KeyX', (keys) => keys.resolve()],
  ['KeyC', (keys) => keys.focus()],
  ['ArrowDown', (keys) => keys.move(1)],
  ['ArrowUp', (keys) => keys.move(-1)],
])

/** What a key means here, or null. `code` is the key's place, since Alt changes the letter on some systems. */
export function meaning(event: KeyboardEvent): ((keys: Shortcuts) => void) | null {
  if (event.isComposing || event.ctrlKey || event.metaKey) return null
  if (event.altKey) return ALT.get(event.code) ?? null
  return event.key === '?' && !typing(event.target) ? (keys) => keys.help() : null
}

export function useShortcuts(keys: Shortcuts): void {
  function pressed(event: KeyboardEvent): void {
    const act = meaning(event)
    if (!act) return
    event.preventDefault()
    act(keys)
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
