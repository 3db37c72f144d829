import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { WatchedServer } from '../watched-server.ts'
import { pathsOf, remember, type WallMemory } from './wall-memory.ts'

/** A server on the wall. */
export class WallServer {
  /** What it tells. */
  readonly server: WatchedServer
  /** Its host and port. */
  readonly host: string
  /** Paths of all its streams that belong on the wall, whatever is chosen. */
  readonly paths: ReadonlySignal<readonly string[]> = computed(() => pathsOf(this.#memory.value))
  readonly #memory: Signal<WallMemory> = signal(new Map())

  constructor(server: WatchedServer) {
    this.server = server
    this.host = new URL(server.base).host
  }

  /** Keeps `paths` current until the returned function is called. */
  follow(): () => void {
    return effect(() => {
      const streams = this.server.streams.value
      if (streams !== null) {
        this.#memory.value = remember(this.#memory.peek(), streams, performance.now())
      }
    })
  }
}
