import { expect, it } from 'vitest'
import { reconnect } from '../soak/reconnect.ts'
import { startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** Sockets of this process that are open. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

// The full one, with a hundred cuts, twenty players and a look at memory, is `npm run soak:reconnect`.
it('players of every kind stay while a publisher is cut off and returns, then are told that it is over, and all is freed', async (scope) => {
  const before = openSockets()
  const at = await startServer(scope, {
    streams: { takeoverSilenceMs: 200, publisherGraceMs: 4000, lingerMs: 1000 },
  })
  const { report, players } = await reconnect(scope, at, { rounds: 10, players: 6, seed: 1 })
  expect(report.rounds).toBe(10)
  expect(report.framesPlayed).toBeGreaterThan(1000)
  expect(at.log.withMessage('play stopped')).toEqual([])

  await waitFor('the end of every player', () => players.every(({ closed }) => closed !== null))
  const reasons = at.log.withMessage('play stopped').map(({ fields }) => fields.reason)
  expect(reasons).toEqual(players.map(() => 'no publisher came back within 4000 ms (publisherGraceMs)'))
  expect(at.server.streams).toEqual([])
  await waitFor(
    () => `${openSockets()} sockets become ${before}`,
    () => openSockets() <= before,
  )
})
