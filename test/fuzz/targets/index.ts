import type { Target } from '../lib/target.ts'
import { codecTargets } from './codecs.ts'
import { configTarget } from './config.ts'
import { mp4Target } from './mp4.ts'
import { parserTargets } from './parsers.ts'
import { proxyTarget } from './proxy.ts'
import { serverTargets } from './servers.ts'
import { streamTargets } from './streams.ts'
import { trackTargets } from './tracks.ts'

/** All that takes bytes from strangers. */
export const TARGETS: readonly Target[] = [
  ...streamTargets,
  ...parserTargets,
  ...codecTargets,
  ...trackTargets,
  mp4Target,
  proxyTarget,
  configTarget,
  ...serverTargets,
]
