/** Tones made by the browser itself: no file to load. Browsers allow sound only after the first click or key. */

interface Tone {
  hertz: number
  at: number
  lasts: number
}

const TONES: Record<'offer' | 'message', readonly Tone[]> = {
  offer: [
    { hertz: 659, at: 0, lasts: 0.16 },
    { hertz: 880, at: 0.18, lasts: 0.16 },
    { hertz: 1175, at: 0.36, lasts: 0.3 },
  ],
  message: [{ hertz: 880, at: 0, lasts: 0.14 }],
}

export interface Sound {
  beep(kind: 'offer' | 'message'): void
}

export function createSound(enabled: () => boolean): Sound {
  let context: AudioContext | null = null

  function ready(): AudioContext | null {
    if (typeof AudioContext === 'undefined') return null
    context ??= new AudioContext()
    if (context.state === 'suspended') void context.resume().catch(() => undefined)
    return context
  }

  function play(audio: AudioContext, tone: Tone): void {
    const start = audio.currentTime + tone.at
    const oscillator = audio.createOscillator()
    const gain = audio.createGain()
    oscillator.type = 'sine'
    oscillator.frequency.value = tone.hertz
    gain.gain.setValueAtTime(0.0001, start)
    gain.gain.exponentialRampToValueAtTime(0.18, start + 0.02)
    gain.gain.exponentialRampToValueAtTime(0.0001, start + tone.lasts)
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start(start)
    oscillator.stop(start + tone.lasts + 0.02)
  }

  return {
    beep(kind) {
      if (!enabled()) return
      const audio = ready()
      if (audio) for (const tone of TONES[kind]) play(audio, tone)
    },
  }
}
