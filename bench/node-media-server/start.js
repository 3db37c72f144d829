/**
 * Runs node-media-server with the settings that come as JSON in the first argument, as its own command does, and tells by
 * message how its event loop was. It prints what it does at every connection; the bench reads and drops that.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import NodeMediaServer from 'node-media-server'

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

server.run()
