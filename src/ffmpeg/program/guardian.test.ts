import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it, type TestContext } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { systemClock } from '../../base/index.ts'
import { Guardian } from './guardian.ts'
import { isThere } from './testing/scripts.ts'

/** A program in a group of its own, which has started another. */
async function startGroup(
  scope: TestContext,
  script = 'sleep 1000 & echo ready; wait',
): Promise<ChildProcess & { pid: number }> {
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  const { pid } = child
  if (pid === undefined) {
    throw new Error('it was not started')
  }
  scope.onTestFinished(() => {
    if (isThere(-pid)) {
      process.kill(-pid, 'SIGKILL')
    }
  })
  await once(child.stdout, 'data')
  return Object.assign(child, { pid })
}

/** proc(5): the mask of signals that are ignored, in hexadecimal digits; SIGINT is the second. */
function ignoresInterrupts(pid: number): boolean {
  const [, mask = '0'] = /^SigIgn:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (BigInt(`0x${mask}`) & 0b10n) !== 0n
}

function make(log = new RecordingLogger()): Guardian {
  return new Guardian(log, systemClock)
}

describe.concurrent('The guardian', () => {
  it('is a process only while there are programs, and gone when it is closed', async (scope) => {
    const guardian = make()
    expect(guardian.pid).toBeNull()
    const { pid } = await startGroup(scope)
    guardian.add(pid)
    const own = guardian.pid ?? 0
    expect(isThere(own)).toBe(true)
    guardian.remove(pid)
    await guardian.close()
    expect([guardian.pid, isThere(own), isThere(pid)]).toEqual([null, false, true])
    await guardian.close()
  })

  it('ends what is there still, with all that this has started, and nothing that was taken from its care', async (scope) => {
    const [kept, ended] = [await startGroup(scope), await startGroup(scope)]
    const guardian = make()
    guardian.add(ended.pid)
    guardian.add(kept.pid)
    guardian.remove(kept.pid)
    await guardian.close()
    await waitFor('the group is gone', () => !isThere(-ended.pid))
    expect(isThere(kept.pid)).toBe(true)
  })

  it('kills what does not end when it is asked to', async (scope) => {
    const { pid } = await startGroup(scope, 'trap "" TERM; echo ready; while :; do sleep 1; done')
    const guardian = make()
    guardian.add(pid)
    await guardian.close()
    await waitFor('the group is gone', () => !isThere(-pid))
  })

  it('does not end by signals of a terminal or a service manager', async (scope) => {
    const { pid } = await startGroup(scope)
    const guardian = make()
    guardian.add(pid)
    const own = guardian.pid ?? 0
    await waitFor('it has begun', () => ignoresInterrupts(own))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.kill(own, signal)
    }
    guardian.remove(pid)
    guardian.add(pid)
    await guardian.close()
    await waitFor('the group is gone', () => !isThere(-pid))
  })

  it('is started again when it is killed, and knows then what there is', async (scope) => {
    const { pid } = await startGroup(scope)
    const log = new RecordingLogger()
    const guardian = make(log)
    guardian.add(pid)
    const first = guardian.pid ?? 0
    process.kill(first, 'SIGKILL')
    await waitFor('another', () => guardian.pid !== null && guardian.pid !== first)
    expect(log.lines.map(({ message }) => message)).toEqual([
      'the guardian of the programs is gone, and started again',
    ])
    await guardian.close()
    await waitFor('the group is gone', () => !isThere(-pid))
  })
})
