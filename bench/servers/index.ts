import type { Run } from '../lib/scenario.ts'
import { floor } from './floor.ts'
import { nginxRtmp } from './nginx-rtmp.ts'
import { nodeMediaServer } from './node-media-server.ts'
import { ours } from './ours.ts'
import { plainNode } from './plain-node.ts'
import type { BenchServer } from './server.ts'

/** Every server that scenarios run on, by name. */
export const SERVERS: Readonly<Record<Run['server'], BenchServer>> = {
  ours,
  'nginx-rtmp': nginxRtmp,
  'node-media-server': nodeMediaServer,
  'plain-node': plainNode,
  floor,
}
