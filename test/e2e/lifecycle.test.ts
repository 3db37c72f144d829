import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { LifecycleReport } from '../support/lifecycle-child.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'

const CYCLES = 50
/**
 * What the heap may be larger after 50 cycles more: 20 kB a cycle, where one stream's HLS segments alone are 150 kB. Some
 * growth is no leak: Fastify compiles code for each server, and V8 keeps that for a while.
 */
const HEAP_SLACK_BYTES = 1_000_000

const CHILD = fileURLToPath(new URL('../support/lifecycle-child.ts', import.meta.url))

it('fifty cycles of start, publish, play and close in one process leave nothing behind', async (context) => {
  const folder = await mediaFolder(context)
  const args = [...videoInput('160x120'), ...audioInput, ...h264({ gop: 10 }), ...aac]
  const source = await makeFlv(folder, 'source', args, 3)
  // V8 lets code go that has not run for a while: several MB, which would hide a leak.
  const flags = ['--expose-gc', '--no-flush-bytecode']
  const child = spawn(process.execPath, [...flags, CHILD, source, `${CYCLES}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  context.onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const output = await text(child.stdout)
  // It ends by itself: nothing keeps it running.
  expect(await exited).toEqual([0, null])
  const { busy, fresh, warm, end, warnings, faults }: LifecycleReport = JSON.parse(output)
  expect(warnings).toEqual([])
  expect(faults).toEqual([])
  for (const state of [warm, end]) {
    expect(state.active).toEqual(fresh.active)
    expect(state.live).toEqual(fresh.live)
    expect(state.processListeners).toEqual(fresh.processListeners)
  }
  // Both listeners, and both ends of a publisher's and three players' connections.
  expect(busy.live).toMatchObject({ TCPSERVERWRAP: 2, TCPWRAP: 8 })
  expect(busy.live.Timeout).toBeGreaterThan(0)
  expect(end.heapBytes - warm.heapBytes).toBeLessThan(HEAP_SLACK_BYTES)
})
