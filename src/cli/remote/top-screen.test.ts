import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { streamEntry } from './testing/entries.ts'
import { type Key, showTop, type TopTerminal } from './top-screen.ts'
import type { TopSnapshot } from './top-text.ts'

const SNAPSHOT: TopSnapshot = {
  name: 'unix:/run/srs.sock',
  self: { version: '0.1.0', pid: 42, cpu_percent: 0.1, mem_kbyte: 80_000, srs_uptime: 60 },
  systemCpu: 0.5,
  eventLoop: 0.1,
  streams: [streamEntry()],
  clients: [],
}
const INTERVAL_MS = 1000
/** Back to the screen of before, with the cursor. */
const LEFT = /ESC\[\?25hESC\[\?1049l$/

class FakeTerminal implements TopTerminal {
  written = ''
  isListening = false
  press: (key: Key) => void = () => {}

  screen(): ReturnType<TopTerminal['screen']> {
    return { columns: 60, rows: 12, colors: false }
  }

  write(text: string): void {
    this.written += text.replaceAll('\x1b', 'ESC')
  }

  listen(onKey: (key: Key) => void): () => void {
    this.press = onKey
    this.isListening = true
    return () => {
      this.isListening = false
    }
  }
}

describe('the screen of a server that is watched', () => {
  const terminal = (): FakeTerminal => new FakeTerminal()
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is drawn at each look, and left as it was', async () => {
    const shown = terminal()
    let looks = 0
    const look = async (): Promise<TopSnapshot> => ({ ...SNAPSHOT, systemCpu: ++looks / 100 })
    const ended = showTop({ look, terminal: shown, intervalMs: INTERVAL_MS, interruption: never() })
    await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS)
    expect(shown.written).toMatch(/machine 1%[\s\S]*machine 2%[\s\S]*machine 3%/)
    shown.press({ name: 'c', ctrl: true })
    await ended
    expect(shown).toMatchObject({ isListening: false, written: expect.stringMatching(LEFT) })
  })

  it('is not drawn any more once it is left, though a look was under way', async () => {
    const shown = terminal()
    const { promise: late, reject } = Promise.withResolvers<TopSnapshot>()
    const looks = [Promise.resolve(SNAPSHOT), late]
    const look = (): Promise<TopSnapshot> => looks.shift() ?? late
    const ended = showTop({ look, terminal: shown, intervalMs: INTERVAL_MS, interruption: never() })
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    shown.press({ name: 'q' })
    await ended
    reject(new Error('socket hang up'))
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(shown.written).toMatch(LEFT)
  })

  it('says what goes wrong, and goes on; a slow server is not asked for more', async () => {
    const shown = terminal()
    const { promise: slow, reject } = Promise.withResolvers<TopSnapshot>()
    const look = vi.fn<() => Promise<TopSnapshot>>()
    look.mockResolvedValueOnce(SNAPSHOT).mockReturnValueOnce(slow).mockResolvedValue(SNAPSHOT)
    const ended = showTop({ look, terminal: shown, intervalMs: INTERVAL_MS, interruption: never() })
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS)
    expect(look).toHaveBeenCalledTimes(2)
    reject(new Error('no server listens there'))
    await vi.advanceTimersByTimeAsync(0)
    expect(shown.written.split('ESC[H').at(-1)).toMatch(/^no server listens thereESC\[K\r\ncpu 10%/)
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(look).toHaveBeenCalledTimes(3)
    shown.press({ name: 'q' })
    await ended
  })

  it('is left alone if no server answers, or somebody has enough of waiting for it', async () => {
    const shown = terminal()
    const failing = async (): Promise<TopSnapshot> => {
      throw new Error('no server listens there')
    }
    const options = { terminal: shown, intervalMs: INTERVAL_MS, interruption: never() }
    await expect(showTop({ ...options, look: failing })).rejects.toThrow('no server listens there')
    const interruption = new AbortController()
    const look = (): Promise<TopSnapshot> => new Promise(() => {})
    const ended = showTop({ ...options, look, interruption: interruption.signal })
    interruption.abort()
    await ended
    expect(shown.written).toBe('')
  })
})

function never(): AbortSignal {
  return new AbortController().signal
}
