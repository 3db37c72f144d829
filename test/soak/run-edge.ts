/**
 * `npm run soak:edge`: a thousand players watch one stream of an edge, which costs the origin one connection; when they leave, it is let go and
 * nothing is left. Arguments: players.
 */
import { argv, stdout } from 'node:process'
import { RtmpPublisher } from '../../src/index.ts'
import { readPacketsOf } from '../support/clip.ts'
import { hostOf, startEdge } from '../support/edge.ts'
import { FileScope, startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { watchEdge } from './edge.ts'

const PATH = 'live/demo'
const [players = 1000] = argv.slice(2).map(Number)
const scope = new FileScope()
try {
  const origin = await startServer(scope)
  const edge = await startEdge(
    scope,
    [hostOf(origin.rtmpUrl)],
    { idleMs: 1000 },
    { streams: { lingerMs: 1000 } },
  )
  const publisher = await RtmpPublisher.publish(`${origin.rtmpUrl}/${PATH}`)
  const packets = await readPacketsOf(3)
  const watching = new FileScope()
  const before = performance.now()
  const { pulled } = await watchEdge(watching, edge, PATH, players, async () => {
    for (const packet of packets) {
      await publisher.write(packet)
    }
  })
  say(`${pulled} of ${players} players got a picture within ${Math.round(performance.now() - before)} ms`)
  const asked = origin.log.withMessage('play started').length
  say(`connections at the origin: ${asked}`)
  await watching.clean()
  const left = performance.now()
  await waitFor('the stream is let go', () => origin.server.stream(PATH)?.viewers.size === 0)
  say(`let go ${Math.round(performance.now() - left)} ms after the last has left (idleMs is 1000)`)
  await waitFor('nothing is left at the edge', () => edge.server.streams.length === 0)
  if (pulled !== players || asked !== 1) {
    throw new Error(`${players - pulled} players got nothing, ${asked} connections were made to the origin`)
  }
  await publisher.close()
} finally {
  await scope.clean()
}

function say(line: string): void {
  stdout.write(`${line}\n`)
}
