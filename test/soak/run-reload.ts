/**
 * `npm run soak:reload`: a server is reloaded two hundred times while players of every kind watch; none misses a picture, nothing
 * is left behind, and memory stays flat. Then random pairs of settings: whoever a reload disconnects was named by its plan, and
 * nobody else. Arguments: rounds, players, pairs, seed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'
import { makeCertificate } from '../support/certificate.ts'
import { FileScope } from '../support/server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { firstSettings, reloadUnderLoad } from './reload.ts'
import { checkReloads } from './reload-property.ts'

/** What the server may hold more at the end than after the first quarter, bytes. */
const MAX_GROWTH_BYTES: number = 4 * 1024 * 1024

const [rounds = 200, players = 12, pairs = 300, seed = Date.now() % 1_000_000] = argv.slice(2).map(Number)
const scope = new FileScope()
try {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  scope.onTestFinished(() => rmSync(folder, { recursive: true }))
  const server = await ServerProcess.start(scope, firstSettings())
  const states: Awaited<ReturnType<ServerProcess['state']>>[] = []
  say(`${rounds} reloads, ${players} players`)
  const { report } = await reloadUnderLoad(scope, server, {
    rounds,
    players,
    folder,
    certificate: await makeCertificate(scope),
    onRound: async (round) => {
      if (round % Math.ceil(rounds / 10) === 0) {
        const state = await server.state()
        states.push(state)
        const { usedBytes, rssBytes, resources } = state
        say(
          `reload ${round}: ${mib(usedBytes)} MiB in use, ${mib(rssBytes)} MiB resident, ${total(resources)} handles`,
        )
      }
    },
  })
  say(JSON.stringify(report))
  const [early, late] = [states[Math.floor(states.length / 4)], states.at(-1)]
  const growth = (late?.usedBytes ?? 0) - (early?.usedBytes ?? 0)
  const handles = total(late?.resources) - total(early?.resources)
  const errors = late?.log.filter(({ level }) => level === 'error') ?? []
  if (growth > MAX_GROWTH_BYTES || handles > 0 || errors.length > 0) {
    throw new Error(
      `memory grew by ${mib(growth)} MiB, handles by ${handles}; faults: ${JSON.stringify(errors)}`,
    )
  }
  say(`well: nobody missed a picture, memory grew by ${mib(growth)} MiB, handles by ${handles}`)
} finally {
  await scope.clean()
}
say(`${pairs} pairs of settings, seed ${seed}`)
say(`well: ${JSON.stringify(await checkReloads(pairs, seed))}`)

function say(line: string): void {
  stdout.write(`${line}\n`)
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}

function total(resources: Readonly<Record<string, number>> = {}): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0)
}
