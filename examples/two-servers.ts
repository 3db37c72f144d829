// Two servers in one process tell who comes and goes, with types that say what each event brings.
//
//   npm run build && node examples/two-servers.ts
//
import { once } from 'node:events'
import { createServer, type EndReason, type Server, type StreamRequest } from 'simple-rtmp-server'

/** Stands for your chat, your metrics, your web hook. */
function notify(where: string, what: string, { name, client }: StreamRequest, reason?: EndReason): void {
  const because = reason === undefined ? '' : ` (${reason.code}: ${reason.message})`
  console.log(`${where}: ${client.protocol} ${what} ${name.app}/${name.stream}${because}`)
}

async function startServer(where: string): Promise<Server> {
  const server = await createServer({ rtmp: { port: 0 }, http: { port: 0 } })
  server.on('publish', (request) => notify(where, 'publishes', request))
  server.on('unpublish', (request, reason) => notify(where, 'no longer publishes', request, reason))
  server.on('play', (request) => notify(where, 'plays', request))
  server.on('stop', (request, reason) => notify(where, 'no longer plays', request, reason))
  return server
}

const stage = await startServer('stage')
const rehearsal = await startServer('rehearsal')
const path = `${import.meta.dirname}/../assets/demo.flv`
const stopRehearsal = await rehearsal.publishFile('live/band', { path })
await stage.publishFile('live/band', { path })

const viewer = await fetch(`${stage.httpUrl}/live/band.flv`)
await Promise.all([once(stage, 'stop'), viewer.body?.cancel()])
await stopRehearsal()
await Promise.all([stage.close(), rehearsal.close()])
