import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ServerOptions } from '../../src/index.ts'
import { FileScope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import type { ClientsAnswer, ClientsQuestion, ClientsSetup } from './clients-main.ts'
import { NetworkLab, type NetworkNode } from './network-lab.ts'
import { NodeProcess } from './node-process.ts'
import type { ServerAnswer, ServerQuestion } from './server-main.ts'

const STREAM = 'live/demo'
const VIEWERS_EACH = 25
/** What every viewer must have got of the stream before something is done to it, and after, ms. */
const STEP_MS = 1_500

/** A server and the machine it is on. */
type Place = { readonly node: NetworkNode; server: NodeProcess<ServerQuestion, ServerAnswer> }

const scope = new FileScope()
let lab: NetworkLab
let origins: Place[]
let edges: Place[]
let clients: NodeProcess<ClientsQuestion, ClientsAnswer>

beforeAll(async () => {
  lab = await NetworkLab.create(scope)
  const originNodes = [await lab.addNode('origin1'), await lab.addNode('origin2')]
  const edgeNodes = [await lab.addNode('edge1'), await lab.addNode('edge2')]
  const clientNode = await lab.addNode('clients')
  const edge = {
    mode: 'remote',
    origins: originNodes.map(({ address }) => address),
    // Longer than a busy machine keeps one of these processes waiting.
    connectTimeoutMs: 2_500,
    silenceTimeoutMs: 4_000,
  } as const
  origins = await Promise.all(originNodes.map((node) => place(node)))
  edges = await Promise.all(edgeNodes.map((node) => place(node, { vhosts: { __defaultVhost__: { edge } } })))
  const setup: ClientsSetup = {
    origins: originNodes.map(({ address }) => `rtmp://${address}/${STREAM}`),
    edges: edgeNodes.map(({ address }) => address),
    stream: STREAM,
  }
  clients = await NodeProcess.start(scope, clientNode, './clients-main.ts', setup)
})
afterAll(() => scope.clean())

async function place(node: NetworkNode, options: ServerOptions = {}): Promise<Place> {
  return { node, server: await startServer(node, options) }
}

/** On the ports that everybody knows: each machine has its own. */
function startServer(node: NetworkNode, options: ServerOptions = {}): Promise<Place['server']> {
  return NodeProcess.start(scope, node, './server-main.ts', {
    rtmp: { host: '0.0.0.0', port: 1935 },
    http: { host: '0.0.0.0', port: 8080, page: false },
    // Both origins have the encoder's time, so that edges go on with the very next frame.
    streams: { atc: true },
    ...options,
  })
}

function stateOf(places: readonly Place[]): Promise<ServerAnswer[]> {
  return Promise.all(places.map(({ server }) => server.ask({ stream: STREAM })))
}

async function watchedAt({ server }: Place): Promise<number> {
  return (await server.ask({ stream: STREAM })).viewers
}

async function watched(): Promise<number[]> {
  return (await stateOf(origins)).map(({ viewers }) => viewers)
}

/** Waits until everybody has what is sent from now on, which shows how long somebody got nothing since the last mark. */
async function everybodyGoesOn(): Promise<ClientsAnswer> {
  const { sentMs } = await clients.ask('report')
  let last: ClientsAnswer | null = null
  return await waitFor(
    () => `everybody has media after ${sentMs} ms: ${JSON.stringify(last)}`,
    async () => {
      const report = await clients.ask('report')
      last = report
      expect(report.closed).toEqual([])
      return report.everybodyHasMs > sentMs + STEP_MS ? report : null
    },
  )
}

function tell(what: string, { longestGapMs }: ClientsAnswer): void {
  process.stdout.write(`  ${what}: some viewer got nothing for ${(longestGapMs / 1000).toFixed(1)} s\n`)
}

it('50 viewers on two edges stay, and see each picture once, when links are slow, an origin is killed, the other cut off, and one comes back', async () => {
  const [first, second] = origins as [Place, Place]
  await waitFor('both are published', async () =>
    (await stateOf(origins)).every(({ isPublished }) => isPublished),
  )
  await clients.ask({ watch: VIEWERS_EACH })
  await everybodyGoesOn()
  await waitFor('both edges at the first origin', async () => (await watched()).join() === '2,0')
  const { published } = await second.server.ask({ stream: STREAM })

  // Too slow for two edges: what they get is late, and more and more so.
  await first.node.limit({ rate: '500kbit', queueMs: 2_000 })
  await clients.ask('mark')
  await everybodyGoesOn()
  await first.node.limit(null)
  tell('a link that is too slow, for a while', await everybodyGoesOn())

  await clients.ask('mark')
  await first.server.kill()
  tell('the first origin is killed, the second has the stream', await everybodyGoesOn())
  await waitFor('both edges at the second', async () => (await watchedAt(second)) === 2)
  expect((await second.server.ask({ stream: STREAM })).published).toBe(published)

  await clients.ask('mark')
  await second.node.cut()
  first.server = await startServer(first.node)
  tell('the second is cut off, the first is started again', await everybodyGoesOn())
  await second.node.mend()
  const end = await everybodyGoesOn()

  expect(end).toMatchObject({ viewers: 2 * VIEWERS_EACH, closed: [], wrong: [] })
  process.stdout.write(`  pictures that a viewer missed: ${end.missedPictures.toFixed(0)}\n`)
  await waitFor('one connection of each edge, to one origin', async () => (await watched()).join() === '2,0')
  for (const { viewers, isPublished, playersGone, faults } of await stateOf(edges)) {
    expect({ viewers, isPublished, playersGone, faults }).toEqual({
      viewers: VIEWERS_EACH,
      isPublished: true,
      playersGone: 0,
      faults: [],
    })
  }
})
