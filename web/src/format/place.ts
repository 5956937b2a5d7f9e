import type { Place } from '../api/types'

/** The place on Tencent's map, which knows WeChat's coordinates as they are. Source: lbs.qq.com, URI API, marker. */
export function mapUrl(place: Place): string {
  const words = (place.label || '·').replace(/[;:]/g, ' ')
  const marker = `coord:${place.latitude},${place.longitude};title:${words};addr:${words}`
  return `https://apis.map.qq.com/uri/v1/marker?marker=${encodeURIComponent(marker)}&referer=weiting`
}
