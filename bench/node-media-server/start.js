/**
 * Runs node-media-server with the settings that come as JSON in the first argument, as its own command does, and tells by
 * message how its event loop was. It prints what it does at every connection; the bench reads and drops that.
 *
 * A second argument is a list of relays as JSON, each `{ mode: 'pull' | 'push', url, streamPath }`: pulled from the start on;
 * pushed while the stream is published. With `--version` it says which version it is, and ends.
 */
import { createRequire } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import NodeMediaServer from 'node-media-server'

if (process.argv[2] === '--version') {
  const { version } = createRequire(import.meta.url)('node-media-server/package.json')
  process.stdout.write(`${version}\n`)
  process.exit()
}

const DELAY_RESOLUTION_MS = 5

const server = new NodeMediaServer(JSON.parse(process.argv[2] ?? '{}'), '')
const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })

process.on('message', (question) => {
  if (question === 'watch') {
    delays.enable()
    process.send({})
  } else {
    process.send({
      eventLoopDelayP99Ms: Math.max(0, delays.percentile(99) / 1e6 - DELAY_RESOLUTION_MS),
      eventLoopDelayMaxMs: Math.max(0, delays.max / 1e6 - DELAY_RESOLUTION_MS),
    })
  }
})
process.on('disconnect', () => process.exit())

const relays = JSON.parse(process.argv[3] ?? '[]')
// It gives up a push of a stream that nobody publishes yet.
server.on('postPublish', ({ streamPath }) => {
  for (const relay of relays.filter((each) => each.mode === 'push' && each.streamPath === streamPath)) {
    server.relayServer.removeTask(`push:${relay.url}`)
    server.relayServer.addTask(relay)
  }
})

await server.run()
for (const relay of relays.filter((each) => each.mode === 'pull')) {
  server.relayServer.addTask(relay)
}
