/**
 * `npm run soak:hooks`: the server of hooks is down for a minute, then the media server is killed (-9) and started again. Each notification
 * arrives, in the order of its stream. Meanwhile the gaps between pictures at players are measured, and those of a server without hooks
 * beside it. Arguments: seconds, players.
 */
import { argv, stdout } from 'node:process'
import { startHookServer } from '../support/hook-server.ts'
import { FileScope } from '../support/server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { mediaFolder } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { type HookLoadReport, loadWithVisits, VISITED } from './hooks.ts'

const [seconds = 60, players = 20] = argv.slice(2).map(Number)
const scope = new FileScope()
try {
  // A port that nobody listens on, until the server of hooks is up.
  const reserved = await startHookServer(scope)
  const url = [`${reserved.url}/hooks`]
  await reserved.close()
  const options = {
    hooks: { onConnect: url, onPublish: url, onPlay: url, onStop: url, onUnpublish: url, onClose: url },
    hookDelivery: { folder: await mediaFolder(scope), whenUnavailable: 'allow' },
  } as const
  const life = new FileScope()
  scope.onTestFinished(() => life.clean())
  // Side by side, so that whatever else the machine does troubles both.
  const servers = [await ServerProcess.start(life, {}), await ServerProcess.start(life, options)]
  const reports = servers.map((server) => loadWithVisits(server, { seconds, players }))
  const [plain, report] = (await Promise.all(reports)) as [HookLoadReport, HookLoadReport]
  say('without hooks', plain)
  say(`the server of hooks down for ${seconds} s`, report)
  await life.clean()
  stdout.write('killed (-9), started again; the server of hooks is up\n')

  const hooks = await startHookServer(scope, undefined, reserved.port)
  await ServerProcess.start(scope, options)
  const stops = (): Map<unknown, Record<string, unknown>> =>
    new Map(
      hooks.requests.flatMap(({ headers, body }) =>
        body.action === 'on_stop' ? [[headers['webhook-id'], body]] : [],
      ),
    )
  const all = report.visits.reduce((sum, visits) => sum + visits, players)
  await waitFor(
    () => `${all} notifications of players that left: ${stops().size}`,
    () => stops().size === all,
  )
  for (const [index, path] of VISITED.entries()) {
    const told = [...stops().values()].filter(({ app, stream }) => `${app}/${stream}` === path)
    const wrong = told.findIndex(({ param }, n) => param !== `?n=${n}`)
    if (told.length !== report.visits[index] || wrong >= 0) {
      throw new Error(
        `${path}: ${told.length} of ${report.visits[index]}, the first out of order is ${wrong}`,
      )
    }
  }
  stdout.write(
    `well: each of ${all} players that left was told, in the order of its stream; ${hooks.requests.length} calls\n`,
  )
} finally {
  await scope.clean()
}

function say(what: string, { gapMs, visits }: HookLoadReport): void {
  const { p50, p99, max, count } = gapMs
  stdout.write(
    `${what}: ${visits.join('+')} visits; gaps of ${count} pictures: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms\n`,
  )
}
