/** The program of a worker process, started by `worker-process.ts`: one part of a load, told what to do by messages. */
import process from 'node:process'
import { toError } from '../base/index.ts'
import { LoadRun } from './load-run.ts'
import type { WorkerReply, WorkerRequest } from './worker-process.ts'

/** How often it says how far it is, ms; more often than that is asked for. */
const SNAPSHOT_INTERVAL_MS = 500

let run: LoadRun | null = null
let timer: NodeJS.Timeout | undefined

process.on('message', (request: WorkerRequest) => {
  follow(request).catch((error: unknown) => send({ failed: toError(error).message }))
})
process.on('disconnect', () => process.exit())
// Ctrl-C reaches every process of the terminal; the one that started this one decides.
process.on('SIGINT', () => {})

async function follow(request: WorkerRequest): Promise<void> {
  if (request.ask === 'begin') {
    const begun = new LoadRun(request.plan, request.part)
    run = begun
    timer = setInterval(() => send({ done: null, snapshot: begun.snapshot() }), SNAPSHOT_INTERVAL_MS)
    send({ done: 'begin', snapshot: begun.snapshot() })
    return
  }
  if (run === null) {
    throw new Error(`asked to ${request.ask} before it was told what`)
  }
  if (request.ask !== 'end') {
    await run[request.ask]()
    send({ done: request.ask, snapshot: run.snapshot() })
    return
  }
  clearInterval(timer)
  const reply: WorkerReply = { done: 'end', snapshot: await run.end() }
  process.send?.(reply, () => process.disconnect())
}

function send(reply: WorkerReply): void {
  process.send?.(reply)
}
