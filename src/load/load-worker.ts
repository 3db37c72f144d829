import type { LoadSnapshot } from './counters.ts'

/** One process's part of a load, in this process or in another. */
export interface LoadWorker {
  /** Its publishers connect; resolves when each has its answer. */
  publish(): Promise<void>
  /** Its players join; resolves when all have begun to. */
  play(): Promise<void>
  /** What it counted so far; of another process, up to a second ago. */
  snapshot(): LoadSnapshot
  /** Everybody leaves; resolves with what was counted until then, when nothing is left. */
  end(): Promise<LoadSnapshot>
}

/** Which part of the load a process has. */
export type LoadPart = Readonly<{
  /** Number of the process, from 0. */
  index: number
  /** How many there are. */
  processes: number
}>
