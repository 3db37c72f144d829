import { expect, it } from 'vitest'
import { reconnect, STREAM } from '../soak/reconnect.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** Sockets of this process that are open. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

// The full one, with a hundred cuts, twenty players and a look at memory, is `npm run soak:reconnect`.
it('players of every kind stay while a publisher is cut off and returns, then are told that it is over, and all is freed', async (scope) => {
  const before = openSockets()
  const streams = { takeoverSilenceMs: 1000, lingerMs: 1000 }
  const at = await startServer(scope, { streams })
  const { report, players } = await reconnect(scope, at, { rounds: 10, players: 6, seed: 1 })
  expect(report.rounds).toBe(10)
  expect(report.framesPlayed).toBeGreaterThan(1000)
  expect(at.log.withMessage('play stopped')).toEqual([])

  await at.server.reload({ ...at.server.settings, streams: { ...streams, publisherGraceMs: 300 } })
  const last = await RtmpClient.connect(`${at.rtmpUrl}/${STREAM}`)
  await last.publish()
  await last.destroy()
  await waitFor('the end of every player', () => players.every(({ closed }) => closed !== null))
  const reasons = at.log.withMessage('play stopped').map(({ fields }) => fields.reason)
  expect(reasons).toEqual(players.map(() => 'no publisher came back within 300 ms (publisherGraceMs)'))
  await waitFor('no stream', () => at.server.streams.length === 0)
  await waitFor(
    () => `${openSockets()} sockets become ${before}`,
    () => openSockets() <= before,
  )
})
