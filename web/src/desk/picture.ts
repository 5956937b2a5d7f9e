/** A picture on its way to a subscriber: as it is, or drawn smaller where it is too large for WeChat. */

/** Bytes. WeChat's own bound (see conversations/media.py). */
export const PICTURE_LIMIT = 2 * 1024 * 1024
const KINDS = ['image/png', 'image/jpeg', 'image/gif']
/** Sides in pixels that are tried when a picture is too large; the last is still readable on a phone. */
const SIDES = [2400, 1600, 1080]

export type PictureProblem = 'kind' | 'large' | 'broken'

export class PictureRefused extends Error {
  constructor(readonly problem: PictureProblem) {
    super(problem)
  }
}

export interface ReadyPicture {
  /** Base64. */
  content: string
  /** What the page shows of it. */
  preview: string
}

/** The first file that could be a picture, of what was pasted, dropped or chosen. */
export function pictureIn(files: FileList | File[] | null | undefined): File | null {
  return [...(files ?? [])].find((file) => file.type.startsWith('image/')) ?? null
}

/** Throws PictureRefused. */
export async function readPicture(file: Blob): Promise<ReadyPicture> {
  const fits = KINDS.includes(file.type) && file.size <= PICTURE_LIMIT
  // a moving picture would stand still
  if (!fits && file.type === 'image/gif') throw new PictureRefused('large')
  const ready = fits ? file : await drawnSmaller(file)
  const preview = await asDataUrl(ready)
  return { preview, content: preview.slice(preview.indexOf(',') + 1) }
}

async function drawnSmaller(file: Blob): Promise<Blob> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    throw new PictureRefused('kind')
  }
  try {
    for (const side of SIDES) {
      const drawn = await paint(bitmap, Math.min(1, side / Math.max(bitmap.width, bitmap.height)))
      if (drawn && drawn.size <= PICTURE_LIMIT) return drawn
    }
  } finally {
    bitmap.close()
  }
  throw new PictureRefused('large')
}

function paint(bitmap: ImageBitmap, scale: number): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const pen = canvas.getContext('2d')
  if (!pen) return Promise.resolve(null)
  // what was transparent is white, as on the page
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.86))
}

function asDataUrl(file: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result))
    reader.onerror = () => failed(new PictureRefused('broken'))
    reader.readAsDataURL(file)
  })
}
