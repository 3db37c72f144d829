/**
 * The demo of SRS: a server publishes a clip, has FFmpeg make two more streams of it, forwards all three to a second server, and offers
 * HLS of them. Prints the address of a page with all six; Ctrl-C ends everything. See docs/demo.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { forwardElsewhere, listenElsewhere, portsOf } from './lib/demo-config.ts'
import { type DemoGoal, failingPrograms, goalsOf } from './lib/demo-goals.ts'
import { type DemoAddresses, DemoServer } from './lib/demo-server.ts'
import { REPOSITORY } from './lib/files.ts'

/** How often the servers are asked how far they are, ms. */
const LOOK_INTERVAL_MS = 250
const USAGE = `usage: npm run demo:full [-- OPTION...]
  --host HOST     listen on this address only
  --free-ports    take free ports, not those of conf/demo.conf and conf/demo-forward.conf
`

/** Where the servers are to listen. */
type Wishes = Readonly<{ host: string | undefined; freePorts: boolean }>

/** Both servers, and where they are. */
type Servers = Readonly<{ first: DemoAddresses; second: DemoAddresses }>

/** The demo, from its start to its end. */
class FullDemo {
  readonly #folder = mkdtempSync(join(tmpdir(), 'srs-demo-'))
  readonly #wishes: Wishes
  readonly #servers: DemoServer[] = []
  #isClosing = false

  constructor(wishes: Wishes) {
    this.#wishes = wishes
  }

  /** Starts both servers, waits until all is there, and tells where. */
  async run(): Promise<void> {
    // The second first: where it is, the first has to know.
    const second = await this.#start('demo-forward.conf', (config) => config)
    const first = await this.#start('demo.conf', (config) => forwardElsewhere(config, second.rtmp))
    const ended = Promise.race(this.#servers.map((server) => server.ended)).then(() => {
      const lines = this.#servers.map((server) => server.lastLines).join('\n')
      throw new Error(`a server of the demo has ended:\n${lines}`)
    })
    const missing = await Promise.race([reach(goalsOf(first, second), first), ended])
    say(describe({ first, second }, missing))
    await ended
  }

  /** Ends both, and removes what was written. */
  async close(): Promise<void> {
    this.#isClosing = true
    // The first first: it would miss the second.
    for (const server of this.#servers.reverse()) {
      await server.stop()
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(name: string, change: (config: string) => string): Promise<DemoAddresses> {
    const config = readFileSync(join(REPOSITORY, 'conf', name), 'utf8')
    const ports = new Map<number, number>()
    for (const port of portsOf(config)) {
      if (this.#wishes.freePorts) {
        ports.set(port, 0)
      } else if (!(await isFree(port, this.#wishes.host))) {
        say(`Port ${port} is taken: another one is used.`)
        ports.set(port, 0)
      }
    }
    const { host } = this.#wishes
    if (this.#isClosing) {
      throw new Error('the demo is being closed')
    }
    const path = join(this.#folder, name)
    writeFileSync(path, listenElsewhere(change(config), host === undefined ? { ports } : { host, ports }))
    const server = new DemoServer(path)
    this.#servers.push(server)
    return await server.addresses
  }
}

/**
 * Waits until all is there, and tells of each as it comes.
 * @returns the streams that are not made, since what makes them can't run
 */
async function reach(goals: readonly DemoGoal[], first: DemoAddresses): Promise<ReadonlySet<string>> {
  const missing = new Set<string>()
  const told = new Set<string>()
  let left = [...goals]
  while (left.length > 0) {
    for (const goal of left) {
      // Who does not answer is asked again; that a server has ended is noticed elsewhere.
      const found = await goal.look().catch(() => null)
      if (found !== null) {
        say(`  ${goal.path.padEnd(20)} ${found}`)
        left = left.filter((each) => each !== goal)
      }
    }
    for (const { words, makes, isFinal } of await failingPrograms(first).catch(() => [])) {
      if (!told.has(words)) {
        told.add(words)
        say(`  ${words}`)
      }
      if (isFinal) {
        missing.add(makes)
      }
    }
    left = left.filter(({ path }) => !missing.has(path))
    await delay(LOOK_INTERVAL_MS)
  }
  return missing
}

function describe({ first, second }: Servers, missing: ReadonlySet<string>): string {
  const all =
    missing.size === 0
      ? 'All is there, on one page:'
      : `${[...missing].join(' and ')} can't be made, as is said above. All else is there, on one page:`
  return `
${all}

  ${first.api}/#/wall?server=${second.api}

  First server    rtmp://${first.rtmp}/live/livestream
                  ${first.http}/live/livestream.flv, .m3u8 (HLS, from memory)
  Second server   rtmp://${second.rtmp}/live/livestream
                  ${second.http}/live/livestream.flv, .m3u8
  FFmpeg at work  ${first.api}/console/#/programs

Ctrl-C ends both servers.`
}

function isFree(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, ...(host === undefined ? {} : { host }) }, () => probe.close(() => resolve(true)))
  })
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { host: { type: 'string' }, 'free-ports': { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help === true) {
    say(USAGE)
    return
  }
  const demo = new FullDemo({ host: values.host, freePorts: values['free-ports'] ?? false })
  const asked = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => asked.resolve())
  }
  say('Starting two servers. A clip is published, two streams are made of it, all are forwarded:')
  try {
    await Promise.race([demo.run(), asked.promise])
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  }
  say('Closing.')
  await demo.close()
  process.exit()
}

await main()
