/** The letter on a face: the given name's last character in Chinese, as colleagues would call each other; else the first letter. */
export function initial(name: string): string {
  const letters = [...name.trim()]
  const last = letters.at(-1) ?? ''
  return /\p{Script=Han}/u.test(last) ? last : (letters[0] ?? '').toUpperCase()
}
