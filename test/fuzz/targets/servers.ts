import { httpRequests, webSocketFrames } from '../generators/http.ts'
import { clientSession } from '../generators/session.ts'
import { Arena } from '../lib/arena.ts'
import type { Random } from '../lib/random.ts'
import type { Target } from '../lib/target.ts'

/** The whole server, over real sockets. */
export const serverTargets: readonly Target[] = [
  server('session', 'rtmp', clientSession),
  server('http', 'http', httpRequests),
  server('websocket', 'http', webSocketFrames),
]

function server(name: string, protocol: 'rtmp' | 'http', generate: (random: Random) => Uint8Array): Target {
  let arena: Arena | null = null
  return {
    name,
    generate,
    start: async () => {
      arena = await Arena.start()
    },
    check: (input) => {
      if (arena === null) {
        throw new Error('start comes first')
      }
      return arena.check(protocol, input)
    },
    stop: async () => {
      await arena?.stop()
      arena = null
    },
  }
}
