/** A place inside these pages, from an address that anybody may have written. */
export function safePlace(place: unknown): string {
  return typeof place === 'string' && place.startsWith('/') && !place.startsWith('//') ? place : '/desk'
}
