/**
 * Asks this server, nginx-rtmp and node-media-server all questions of `srs check` and writes the table into `docs/check.md`.
 * `node bench/prepare.ts` gets nginx.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { REPOSITORY } from '../scripts/lib/files.ts'
import { ServerError, VERSION } from '../src/base/index.ts'
import { listProbes, type ProbeResult, runCheck, SERVER_GONE } from '../src/check/index.ts'
import { createServer } from '../src/index.ts'
import { stopAllOnSignals } from './lib/child.ts'
import { prepareBench } from './prepare.ts'
import { nginxRtmp } from './servers/nginx-rtmp.ts'
import { nodeMediaServer } from './servers/node-media-server.ts'
import type { BenchServer } from './servers/server.ts'

const PAGE = join(REPOSITORY, 'docs', 'check.md')
const [BEGIN, END] = ['<!-- matrix -->', '<!-- /matrix -->']
/** Enough for any answer here, ms; what is unknown at the end takes all of it. */
const TIMEOUT_MS = 4_000
/** Time for a process that is ending to be gone, ms. */
const SETTLE_MS = 1_000
const MARKS = { pass: 'ok', fail: '**fails**', unknown: '?' } as const

/** A server that can be started as often as it ends. */
type Candidate = Readonly<{
  name: string
  version(): Promise<string>
  start(): Promise<{ url: string; stop(): Promise<void> }>
}>

type Column = Readonly<{ name: string; version: string; results: readonly ProbeResult[] }>

const ours: Candidate = {
  name: 'this server',
  version: async () => `simple-rtmp-server ${VERSION}`,
  async start() {
    const server = await createServer({ rtmp: { port: 0 } })
    return { url: `${server.rtmpUrl}/live`, stop: () => server.close() }
  },
}

function candidate(server: BenchServer): Candidate {
  return {
    name: server.name,
    version: () => server.version(),
    async start() {
      const running = await server.start({
        broadcast: {},
        tls: false,
        bytesPerWrite: 0,
        intervalMs: 0,
        writesPerKeyframe: 0,
      })
      return { url: `${running.rtmpUrl}/live`, stop: () => running.stop() }
    },
  }
}

/** One probe at a time, so that a server that ends in one is there again for the next. */
async function ask({ name, version, start }: Candidate): Promise<Column> {
  const results: ProbeResult[] = []
  let server = await start()
  try {
    for (const { id } of listProbes()) {
      let result = await askOne(server.url, id)
      if (result === null) {
        const last = results.pop()
        if (last === undefined) {
          throw new Error(`${name} does not answer`)
        }
        results.push({
          ...last,
          outcome: 'fail',
          reason: `the server's process ended (${last.reason || 'soon after it'})`,
        })
        await server.stop()
        server = await start()
        result = await askOne(server.url, id)
      }
      if (result === null) {
        throw new Error(`${name} does not answer after a new start`)
      }
      results.push(result)
      if (result.outcome !== 'pass') {
        // A process that ends of it may take connections a moment longer.
        await sleep(SETTLE_MS)
      }
      console.log(`${name.padEnd(18)} ${result.outcome.padEnd(8)} ${id} ${result.reason}`)
    }
  } finally {
    await server.stop()
  }
  return { name, version: await version(), results }
}

/** Null if nothing takes connections: the server ended in the probe before. */
async function askOne(url: string, id: string): Promise<ProbeResult | null> {
  try {
    const { probes } = await runCheck({ url, only: [id], timeoutMs: TIMEOUT_MS })
    const [result] = probes
    return result === undefined || result.reason === SERVER_GONE ? null : result
  } catch (error) {
    if (error instanceof ServerError && error.code === 'ERR_CONFIGURATION') {
      return null
    }
    throw error
  }
}

function table(columns: readonly Column[]): string {
  const names = columns.map(({ name }) => name)
  const rows = listProbes().map(({ id, title }, index) => {
    const cells = columns.map(({ results }) => {
      const result = results[index]
      return result === undefined ? '' : MARKS[result.outcome]
    })
    return `| \`${id}\` | ${title} | ${cells.join(' | ')} |`
  })
  const sums = columns.map(
    ({ results }) => `${results.filter(({ outcome }) => outcome === 'pass').length} of ${results.length}`,
  )
  return [
    `| probe | what is tried | ${names.join(' | ')} |`,
    `| --- | --- | ${names.map(() => '---').join(' | ')} |`,
    ...rows,
    `| | passed | ${sums.join(' | ')} |`,
  ].join('\n')
}

function reasons(columns: readonly Column[]): string {
  return columns
    .flatMap(({ name, results }) =>
      results.filter(({ outcome }) => outcome !== 'pass').map((result) => ({ name, ...result })),
    )
    .map(
      ({ name, id, outcome, reason }) =>
        `* ${name}, \`${id}\`${outcome === 'unknown' ? ' (unknown)' : ''}: ${reason.replace(/ 127\.0\.0\.1:\d+/, '')}`,
    )
    .join('\n')
}

stopAllOnSignals()
const missing = prepareBench()
if (missing.includes('nginx-rtmp')) {
  process.exit(1)
}
const columns: Column[] = []
for (const each of [ours, candidate(nginxRtmp), candidate(nodeMediaServer)]) {
  columns.push(await ask(each))
}
const versions = columns.map(({ name, version }) => `${name}: ${version}`).join('; ')
const text = `${BEGIN}\n\n${versions}.\n\n${table(columns)}\n\nWhy not:\n\n${reasons(columns)}\n\n${END}`
const page = readFileSync(PAGE, 'utf8')
writeFileSync(PAGE, page.slice(0, page.indexOf(BEGIN)) + text + page.slice(page.indexOf(END) + END.length))
