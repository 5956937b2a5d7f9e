/** The length a message has for WeChat: UTF-8 bytes, not characters. */

const encoder = new TextEncoder()

/** WeChat takes at most so many bytes of text in one message. */
export const TEXT_LIMIT = 2048

export function byteLength(text: string): number {
  return encoder.encode(text).length
}
