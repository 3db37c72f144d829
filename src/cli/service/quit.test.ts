import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defaultProcessSettings } from '../../control/index.ts'
import { SAME_PRESS_MS } from '../interruption.ts'
import { type EndedServer, MAX_ENDING_MS, Quit, type QuitSetup } from './quit.ts'

const { quit: settings } = defaultProcessSettings

/** A server whose end is up to the test. */
class FakeServer implements EndedServer {
  readonly streams = []
  settings: EndedServer['settings'] = {}
  unfinished: readonly string[] = []
  closes = 0
  readonly #closed = Promise.withResolvers<void>()

  close(): Promise<void> {
    this.closes++
    this.unfinished = ['hooks']
    return this.#closed.promise
  }

  end(error?: Error): void {
    this.unfinished = []
    error === undefined ? this.#closed.resolve() : this.#closed.reject(error)
  }

  stopListening(): void {}

  requestReconnect(): number {
    return 0
  }
}

/** What happens, in order. */
function createRig({
  onEnd = () => Promise.resolve(),
  settings = defaultProcessSettings.quit,
}: Partial<Pick<QuitSetup, 'onEnd' | 'settings'>> = {}) {
  const told: string[] = []
  const server = new FakeServer()
  const tell = (fields: object, message: string): void =>
    void told.push(`${JSON.stringify(fields)} ${message}`)
  const logger = { debug: tell, info: tell, warn: tell, error: tell, child: () => logger }
  const quit = new Quit({
    server,
    settings,
    logger,
    say: () => {},
    onEnd: async () => {
      told.push('begins')
      await onEnd()
    },
    onClosed: async () => void told.push('closed'),
    settle: () => {},
    exit: (code) => void told.push(`exit ${code}`),
  })
  const listeners = new Map<string, () => void>()
  quit.listen({ handTo: (signal, listener) => void listeners.set(signal, listener) })
  return { quit, server, told, signal: (name: string) => listeners.get(name)?.() }
}

describe('Quit', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] })
  })
  afterEach(async () => {
    // What is due then is whether another press counts, and what limits the end.
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS + 1)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('ends the process as soon as the server is closed, whatever else would keep it', async () => {
    const { quit, server, told } = createRig()
    quit.closeNow()
    expect(quit.isClosing).toBe(true)
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS)
    expect(told).toEqual(['begins'])
    server.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual(['begins', 'closed', 'exit 0'])
  })

  it('waits for what was to be told when the end began', async () => {
    const notified = Promise.withResolvers<void>()
    const { quit, server, told } = createRig({ onEnd: () => notified.promise })
    quit.closeNow()
    server.end()
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS)
    expect(told).toEqual(['begins', 'closed'])
    notified.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(told.at(-1)).toBe('exit 0')
  })

  it('ends the process by MAX_ENDING_MS whatever hangs, and the log says what that was', async () => {
    const { quit, told } = createRig()
    quit.closeNow()
    await vi.advanceTimersByTimeAsync(MAX_ENDING_MS - 1)
    expect(told).toEqual(['begins'])
    await vi.advanceTimersByTimeAsync(1)
    expect(told).toEqual([
      'begins',
      expect.stringMatching(
        /"limitMs":20000,"unfinished":\["hooks"\],"resources":\{.*not everything has ended/,
      ),
      'exit 1',
    ])
  })

  it('waits as much longer as programs may take by their stopTimeoutMs', async () => {
    const { quit, server, told } = createRig()
    server.settings = { programs: { stopTimeoutMs: 60_000 } }
    quit.closeNow()
    await vi.advanceTimersByTimeAsync(MAX_ENDING_MS + 56_999)
    expect(told).toEqual(['begins'])
    await vi.advanceTimersByTimeAsync(1)
    expect(told.at(-1)).toBe('exit 1')
  })

  it('takes a second signal of one press for nothing, and another press for enough', async () => {
    const { quit, server, told } = createRig()
    quit.closeNow()
    quit.closeNow()
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS + 1)
    expect(told).toEqual(['begins'])
    quit.closeNow()
    expect(told).toEqual(['begins', 'exit 130'])
    expect(server.closes).toBe(1)
    server.end()
    await vi.advanceTimersByTimeAsync(0)
  })

  it('takes a second signal of one SIGTERM for nothing where that ends gracefully, and another one for a hurry', async () => {
    const { quit, server, told, signal } = createRig({ settings: { ...settings, always: true } })
    signal('SIGTERM')
    signal('SIGTERM')
    expect([told[0], quit.isClosing]).toEqual(['begins', false])
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS + 1)
    signal('SIGTERM')
    expect(quit.isClosing).toBe(true)
    server.end()
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS + 1)
    expect(told.at(-1)).toBe('exit 0')
  })

  it('ends at once by another SIGTERM what hangs after SIGINT, also where SIGTERM ends gracefully', async () => {
    const { server, told, signal } = createRig({ settings: { ...settings, always: true } })
    signal('SIGINT')
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS + 1)
    signal('SIGTERM')
    expect(told.at(-1)).toBe('exit 130')
    server.end()
    await vi.advanceTimersByTimeAsync(0)
  })

  it('says what failed, and ends the process then, too', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const { quit, server, told } = createRig()
    quit.closeNow()
    server.end(new Error('no way'))
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS + 1)
    expect(told).toEqual(['begins', 'exit 1'])
    expect(written).toHaveBeenCalledWith('srs: closing failed: no way\n')
    written.mockRestore()
  })

  it('tells only once that the end begins when a graceful one is cut short', async () => {
    const { quit, server, told } = createRig()
    quit.quitGracefully()
    quit.closeNow()
    server.end()
    await vi.advanceTimersByTimeAsync(SAME_PRESS_MS + 1)
    expect(told.filter((each) => each === 'begins')).toHaveLength(1)
    expect(told.at(-1)).toBe('exit 0')
  })
})
