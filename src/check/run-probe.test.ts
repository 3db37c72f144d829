import { expect, it } from 'vitest'
import { listenTcp } from '../net/index.ts'
import { ProbeBench } from './probe-bench.ts'
import { MAX_PROBE_TIMEOUTS, runProbe } from './run-probe.ts'
import { parseCheckTarget } from './target.ts'

it('a probe that goes on and on is ended after MAX_PROBE_TIMEOUTS time-outs', async (context) => {
  const listener = await listenTcp({ port: 0 }, 'test', (socket) => {
    socket.on('error', () => {}).resume()
  })
  context.onTestFinished(() => listener.close())
  const target = parseCheckTarget(`rtmp://127.0.0.1:${listener.address.port}/live`)
  const timeoutMs = 20
  const bench = new ProbeBench({ target, address: '127.0.0.1', timeoutMs, maxReceivedBytes: 1000 })
  const endless = {
    id: 'test.endless',
    title: 'waits for what never comes',
    reference: 'field',
    run: () => new Promise<never>(() => {}),
  }
  expect(await runProbe(endless, bench, 0)).toMatchObject({
    id: 'test.endless',
    outcome: 'unknown',
    reason: `the probe took longer than ${timeoutMs * MAX_PROBE_TIMEOUTS} ms`,
  })
})
