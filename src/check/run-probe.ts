import { setTimeout as delay } from 'node:timers/promises'
import { ProtocolError } from '../base/index.ts'
import type { CheckConnectionSetup } from './check-connection.ts'
import { type Probe, ProbeFailure, type ProbeOutcome, type ProbeResult, ProbeUnknown } from './probe.ts'
import { ProbeBench } from './probe-bench.ts'

/** A probe that waits for many things one after another is ended after so many timeouts. */
export const MAX_PROBE_TIMEOUTS = 6
/** The `reason` of probes that can't tell anything since the server has ended. */
export const SERVER_GONE = 'the server is gone: it takes no connections any more'
/** How often a server that is gone is looked for, ms. */
const RETRY_MS = 200

/**
 * Runs one probe and closes its connections.
 * @param restartMs a server that takes no connections has so long to come back, ms
 */
export async function runProbe(probe: Probe, bench: ProbeBench, restartMs: number): Promise<ProbeResult> {
  const start = performance.now()
  const { id, title, reference } = probe
  const finish = (outcome: ProbeOutcome, reason: string): ProbeResult => {
    return { id, title, reference, outcome, reason, milliseconds: Math.round(performance.now() - start) }
  }
  try {
    if (!(await takesConnections(bench.setup, restartMs))) {
      return finish('unknown', SERVER_GONE)
    }
    await withDeadline(probe.run(bench), bench.setup.timeoutMs * MAX_PROBE_TIMEOUTS)
    return finish('pass', '')
  } catch (error) {
    if (error instanceof ProbeFailure) {
      return finish('fail', error.message)
    }
    if (error instanceof ProtocolError) {
      return finish('fail', `what the server sent can't be read: ${error.message}`)
    }
    if (error instanceof ProbeUnknown) {
      return finish('unknown', error.message)
    }
    throw error
  } finally {
    bench.close()
  }
}

async function withDeadline(running: Promise<void>, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ProbeUnknown(`the probe took longer than ${deadlineMs} ms`)),
      deadlineMs,
    )
  })
  try {
    await Promise.race([running, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether the server takes TCP connections, at once or within `restartMs`. */
export async function takesConnections(setup: CheckConnectionSetup, restartMs: number): Promise<boolean> {
  const end = performance.now() + restartMs
  for (;;) {
    const bench = new ProbeBench(setup)
    try {
      await bench.open()
      return true
    } catch (error) {
      if (!(error instanceof ProbeFailure)) {
        throw error
      }
      if (performance.now() >= end) {
        return false
      }
      await delay(RETRY_MS)
    } finally {
      bench.close()
    }
  }
}
