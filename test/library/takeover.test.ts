import { describe, expect, it } from 'vitest'
import { createServer, type Server, type Takeover } from '../../src/index.ts'
import { proxyHeader1, startForwarder } from '../support/forwarder.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { RecordingLogger, type Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

const MEDIA_TIMEOUT_MS = 400
const POLICIES: readonly Takeover[] = ['refuse', 'replace', 'replace-if-silent']
const HEADER = Uint8Array.of(0x17, 0, 0, 0, 0, 1, 100, 0, 31)

async function start(
  scope: Scope,
  takeover: Takeover,
  { mediaTimeoutMs, takeoverSilenceMs }: Readonly<{ mediaTimeoutMs: number; takeoverSilenceMs: number }>,
): Promise<{ server: Server; log: RecordingLogger }> {
  const log = new RecordingLogger()
  const server = await createServer({
    rtmp: { port: 0, proxyProtocol: true, mediaTimeoutMs },
    streams: { takeover, takeoverSilenceMs },
    logger: log,
  })
  scope.onTestFinished(() => server.close())
  return { server, log }
}

/** Publishes from an address, and sends a little. */
async function publish(scope: Scope, server: Server, address: string): Promise<RtmpClient> {
  const url = await startForwarder(scope, server.rtmpUrl, [proxyHeader1(address)])
  const client = await RtmpClient.connect(url)
  scope.onTestFinished(() => client.destroy())
  await client.publish('live/demo')
  client.sendVideo(0, HEADER)
  return client
}

const cases = POLICIES.flatMap((policy) =>
  ['203.0.113.1', '203.0.113.2'].map((address) => [policy, address] as const),
)

describe.concurrent('a publisher whose network died', () => {
  it.each(cases)('does not keep the stream busy: %s, another one from %s', async (policy, address) => {
    const cleaners: (() => Promise<void> | void)[] = []
    const scope: Scope = { onTestFinished: (clean) => void cleaners.unshift(clean) }
    try {
      // Where the other one has not to wait for it to be closed, it is not.
      const mediaTimeoutMs = policy === 'refuse' ? MEDIA_TIMEOUT_MS : 600_000
      const { server, log } = await start(scope, policy, { mediaTimeoutMs, takeoverSilenceMs: 200 })
      // It says nothing more, and its connection stays.
      await publish(scope, server, '203.0.113.1')
      await waitFor('its media', () => (server.stream('live/demo')?.counters.frames ?? 0) > 0)
      // Encoders try again when they are refused.
      await waitFor('a place', () => publish(scope, server, address).catch(() => null))
      expect(server.stream('live/demo')?.publication?.client.address).toBe(address)
      const [stopped] = await waitFor('the log', () => {
        const lines = log.withMessage('publish stopped')
        return lines.length > 0 && lines
      })
      expect(stopped?.fields.reason).toMatch(
        {
          refuse: /nothing came from the client for 400 ms/,
          replace: /^replaced by c\d+ \(203\.0\.113\.\d\)$/,
          'replace-if-silent': /^silent for \d+ ms and replaced by c\d+ \(203\.0\.113\.\d\)$/,
        }[policy],
      )
    } finally {
      for (const clean of cleaners) {
        await clean()
      }
    }
  })
})

describe('a publisher that sends', () => {
  it('stays with `refuse` and `replace-if-silent`; the other is told who is there', async (scope) => {
    for (const policy of ['refuse', 'replace-if-silent'] as const) {
      // Longer than a busy machine keeps this process waiting.
      const { server, log } = await start(scope, policy, { mediaTimeoutMs: 60_000, takeoverSilenceMs: 1500 })
      const first = await publish(scope, server, '203.0.113.1')
      const timer = setInterval(() => first.sendVideo(0, Uint8Array.of(0x27, 1, 0, 0, 0, 9)), 20)
      scope.onTestFinished(() => clearInterval(timer))
      await expect(publish(scope, server, '203.0.113.2')).rejects.toThrow(
        /stream live\/demo is busy: c\d+ \(203\.0\.113\.1\) is publishing it/,
      )
      const refused = await waitFor('the log', () =>
        log.withMessage('connection closed').find(({ fields }) => fields.address === '203.0.113.2'),
      )
      expect(refused).toMatchObject({ level: 'warn', fields: { code: 'ERR_REJECTED' } })
      clearInterval(timer)
    }
  })
})
