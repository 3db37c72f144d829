/**
 * Asks our server how it is, again and again, and listens to its events, in a process of its own, for `api-poller.ts`. The API's URL is
 * the first argument. It ends with an error if an answer was none.
 */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiPollerQuestion, ApiPolls } from './api-poller.ts'

/** What is asked for, all of it at once, every second: by a console, Prometheus and a script that lists all clients, page by page. */
const PATHS: readonly string[] = [
  '/api/v1/summaries',
  '/api/v1/streams/?count=1000',
  ...Array.from({ length: 9 }, (_, page) => `/api/v1/clients/?start=${page * 500}&count=500`),
  '/metrics',
]

/** Between the beginnings of two rounds, ms. */
const INTERVAL_MS = 1000

const [url = ''] = process.argv.slice(2)
let polling: AbortController | null = null
let running: Promise<unknown> = Promise.resolve()
let polls: ApiPolls = { rounds: 0, bytes: 0, slowestMs: 0 }

process.on('message', (question: ApiPollerQuestion) => void answer(question))
process.on('disconnect', () => process.exit())

async function answer(question: ApiPollerQuestion): Promise<void> {
  if (question === 'begin') {
    polling = new AbortController()
    running = Promise.all([poll(polling.signal), listen(polling.signal)])
  } else if (question === 'end') {
    polling?.abort()
    await running
  }
  process.send?.(polls)
  polls = { rounds: 0, bytes: 0, slowestMs: 0 }
}

/** Asks until it is stopped; the last round is read to its end. */
async function poll(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const begin = performance.now()
    await Promise.all(PATHS.map((path) => read(path)))
    const tookMs = performance.now() - begin
    polls.rounds++
    polls.slowestMs = Math.max(polls.slowestMs, tookMs)
    await sleep(Math.max(0, INTERVAL_MS - tookMs), null, { signal }).catch(() => {})
  }
}

async function listen(signal: AbortSignal): Promise<void> {
  try {
    await read('/api/v1/events', signal)
  } catch (error) {
    if (!signal.aborted) {
      throw error
    }
  }
}

async function read(path: string, signal: AbortSignal | null = null): Promise<void> {
  const response = await fetch(`${url}${path}`, { signal })
  if (!response.ok) {
    throw new Error(`${url}${path}: ${response.status} ${await response.text()}`)
  }
  for await (const bytes of response.body ?? []) {
    polls.bytes += (bytes as Uint8Array).length
  }
}
