import { setTimeout as delay } from 'node:timers/promises'
import { LoadCounters, type LoadSnapshot, mergeSnapshots } from './counters.ts'
import { LoadRun } from './load-run.ts'
import type { LoadWorker } from './load-worker.ts'
import { type LoadOptions, type LoadPlan, resolveLoadOptions } from './options.ts'
import { createReport, type LoadProgress, type LoadReport, ProgressMeter } from './report.ts'
import { machineNow } from './stamp.ts'
import { WorkerProcess } from './worker-process.ts'

/** How often progress is told, ms. */
const PROGRESS_INTERVAL_MS = 1000

/** `setTimeout` takes no more; a longer wait is made of several, ms. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * Puts load on a server and tells what came of it: publishers first, then players, then `durationSeconds` of all of them.
 * That the server refuses or disconnects is part of the report, not an error. When this returns nothing is left of it.
 * @param onProgress called once a second
 * @throws ServerError ERR_CONFIGURATION if an option can't be used
 * @throws Error if a host name is not known, or a process of the load ends
 */
export async function runLoad(
  options: LoadOptions,
  onProgress: (progress: LoadProgress) => void = () => {},
): Promise<LoadReport> {
  const plan = resolveLoadOptions(options)
  const workers = await startWorkers(plan)
  const start = machineNow()
  const secondsNow = (): number => (machineNow() - start) / 1000
  const meter = new ProgressMeter()
  let steady = false
  const timer = setInterval(() => {
    const snapshot = mergeSnapshots(workers.map((worker) => worker.snapshot()))
    onProgress(meter.measure(secondsNow(), snapshot, steady))
  }, PROGRESS_INTERVAL_MS)
  try {
    const signal = options.signal ?? null
    await untilAborted(join(workers), signal)
    steady = true
    await wait(plan.durationSeconds * 1000, signal)
    const seconds = secondsNow()
    return createReport(plan, mergeSnapshots(await endAll(workers)), seconds)
  } catch (error) {
    await killAll(workers)
    throw error
  } finally {
    clearInterval(timer)
  }
}

async function startWorkers(plan: LoadPlan): Promise<LoadWorker[]> {
  const { processes } = plan
  if (processes === 1) {
    return [new LoadRun(plan, { index: 0, processes })]
  }
  const idle = { cpuSeconds: 0, eventLoopUtilization: 0, eventLoopDelayP99Ms: 0, eventLoopDelayMaxMs: 0 }
  const nothing = new LoadCounters().snapshot(0, [], { ...idle, residentBytes: 0 })
  const starting = Array.from({ length: processes }, (_, index) =>
    WorkerProcess.start(plan, { index, processes }, nothing),
  )
  const settled = await Promise.allSettled(starting)
  const failed = settled.find((each) => each.status === 'rejected')
  const workers = settled.filter((each) => each.status === 'fulfilled').map(({ value }) => value)
  if (failed !== undefined) {
    await killAll(workers)
    throw failed.reason
  }
  return workers
}

/** Players come once all publishers have their answer: a server may refuse players of a stream that is not there. */
async function join(workers: readonly LoadWorker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.publish()))
  await Promise.all(workers.map((worker) => worker.play()))
}

function endAll(workers: readonly LoadWorker[]): Promise<LoadSnapshot[]> {
  return Promise.all(workers.map((worker) => worker.end()))
}

async function killAll(workers: readonly LoadWorker[]): Promise<void> {
  await Promise.all(workers.map((worker) => (worker instanceof WorkerProcess ? worker.kill() : worker.end())))
}

/** Waits for the work, or no longer than to the signal; then the work goes on until its worker ends. */
async function untilAborted(work: Promise<void>, signal: AbortSignal | null): Promise<void> {
  if (signal === null) {
    return work
  }
  const aborted = Promise.withResolvers<void>()
  const onAbort = (): void => aborted.resolve()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) {
    onAbort()
  }
  // Who stops listening to the work still has to hear that it failed.
  work.catch(() => {})
  await Promise.race([work, aborted.promise])
  signal.removeEventListener('abort', onAbort)
}

async function wait(ms: number, signal: AbortSignal | null): Promise<void> {
  const end = machineNow() + ms
  try {
    for (let left = ms; left > 0; left = end - machineNow()) {
      await delay(Math.min(left, MAX_DELAY_MS), undefined, signal === null ? {} : { signal })
    }
  } catch (error) {
    if (signal?.aborted !== true) {
      throw error
    }
  }
}
