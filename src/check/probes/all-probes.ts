import type { Probe } from '../probe.ts'
import { chunkProbes } from './chunks.ts'
import { commandProbes } from './commands.ts'
import { handshakeProbes } from './handshake.ts'
import { mediaProbes } from './media.ts'
import { robustnessProbes } from './robustness.ts'
import { timestampProbes } from './timestamps.ts'

/** Every probe, in the order in which they are run: what may do harm comes last. */
export const PROBES: readonly Probe[] = [
  ...handshakeProbes,
  ...chunkProbes,
  ...commandProbes,
  ...mediaProbes,
  ...timestampProbes,
  ...robustnessProbes,
]
