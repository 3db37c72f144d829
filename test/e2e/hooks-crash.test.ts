import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type HookRequest, sayYes, startHookServer } from '../support/hook-server.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope } from '../support/server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { mediaFolder } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

// The long one, with an outage of a minute and the frame gaps of players meanwhile, is `npm run soak:hooks`.

const STREAMS = ['live/a', 'live/b', 'live/c']
const ROUNDS = 4

it('what hooks are owed outlives an outage of theirs and a kill -9 of the server: each arrives, in the order of its stream', async (scope) => {
  const hooks = await startHookServer(scope, (_request, response) => response.socket?.destroy())
  const folder = await mediaFolder(scope)
  const url = [`${hooks.url}/hooks`]
  const options = {
    hooks: { onUnpublish: url, onClose: url },
    hookDelivery: { folder, retryFirstMs: 20, retryMaxMs: 100, secret: 'a text that nobody can guess' },
  }
  const process = new FileScope()
  scope.onTestFinished(() => process.clean())
  const first = await ServerProcess.start(process, options)
  const publish = async (path: string): Promise<RtmpClient> => {
    const client = await RtmpClient.connect(first.rtmpUrl)
    scope.onTestFinished(() => client.destroy())
    await client.publish(path)
    return client
  }
  await Promise.all(
    STREAMS.map(async (path) => {
      for (let round = 1; round < ROUNDS; round++) {
        await (await publish(`${path}?round=${round}`)).destroy()
      }
      await publish(`${path}?round=${ROUNDS}`)
    }),
  )
  const lines = (kind: string): number =>
    readFileSync(join(folder, 'notifications.log'), 'utf8').split(`"kind":"${kind}"`).length - 1
  await waitFor(
    () => `all is on disk: ${lines('open')} begun, ${lines('owe')} owed`,
    () => lines('open') === 2 * STREAMS.length * ROUNDS && lines('owe') === 2 * STREAMS.length * (ROUNDS - 1),
  )
  await waitFor('some were tried', () => hooks.requests.length > STREAMS.length)
  // SIGKILL.
  await process.clean()

  const taken: HookRequest[] = []
  hooks.respond((request, response) => {
    taken.push(request)
    sayYes(request, response)
  })
  const second = await ServerProcess.start(scope, options)
  const expected = STREAMS.flatMap((path) =>
    Array.from({ length: ROUNDS }, (_, round) => [
      `on_unpublish ${path} ?round=${round + 1}`,
      'on_close',
    ]).flat(),
  )
  await waitFor(
    () => `all ${expected.length} are taken: ${taken.length}`,
    () => new Set(taken.map(({ headers }) => headers['webhook-id'])).size === expected.length,
  )
  const once = new Map(taken.map((request) => [request.headers['webhook-id'], request.body]))
  const streamOf = new Map(
    [...once.values()].flatMap((body) =>
      'stream' in body ? [[body.client_id, `${body.app}/${body.stream}`]] : [],
    ),
  )
  const told = STREAMS.flatMap((path) =>
    [...once.values()]
      .filter((body) => streamOf.get(body.client_id) === path)
      .map((body) => ('stream' in body ? `${body.action} ${path} ${body.param}` : body.action)),
  )
  expect(told).toEqual(expected)
  expect(taken.every(({ headers }) => String(headers['webhook-signature']).startsWith('v1,'))).toBe(true)
  expect(await second.close()).toBe(0)
})
