/**
 * `npm run soak:reconnect`: a publisher is cut off a hundred times at random moments while twenty players watch; none of them is
 * disconnected, no decode time goes back, and the server's memory stays flat. Arguments: rounds, players, seed.
 */
import { argv, stdout } from 'node:process'
import { FileScope } from '../support/server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { reconnect } from './reconnect.ts'

/** What the server may hold more at the end than after the first quarter, bytes. */
const MAX_GROWTH_BYTES: number = 4 * 1024 * 1024

const [rounds = 100, players = 20, seed = Date.now() % 1_000_000] = argv.slice(2).map(Number)
const scope = new FileScope()
try {
  const server = await ServerProcess.start(scope, { streams: { takeoverSilenceMs: 200, lingerMs: 1000 } })
  const used: number[] = []
  say(`${rounds} rounds, ${players} players, seed ${seed}`)
  const { report, players: watching } = await reconnect(scope, server, {
    rounds,
    players,
    seed,
    onRound: async (round) => {
      if (round % Math.ceil(rounds / 10) === 0) {
        const { usedBytes, rssBytes } = await server.state()
        used.push(usedBytes)
        say(`round ${round}: ${mib(usedBytes)} MiB in use, ${mib(rssBytes)} MiB resident`)
      }
    },
  })
  say(JSON.stringify(report))
  const growth = (used.at(-1) ?? 0) - (used[Math.floor(used.length / 4)] ?? 0)
  const { log } = await server.state()
  const errors = log.filter(({ level }) => level === 'error')
  const stopped = log.filter(({ message }) => message === 'play stopped')
  if (growth > MAX_GROWTH_BYTES || errors.length > 0 || stopped.length > 0) {
    throw new Error(
      `memory grew by ${mib(growth)} MiB, ${errors.length} faults, ${stopped.length} players stopped`,
    )
  }
  for (const player of watching) {
    player.leave()
  }
  const code = await server.close()
  if (code !== 0) {
    throw new Error(`something kept the server from ending: ${code}`)
  }
  say(`well: no player was disconnected, memory grew by ${mib(growth)} MiB, nothing is left`)
} finally {
  await scope.clean()
}

function say(line: string): void {
  stdout.write(`${line}\n`)
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}
