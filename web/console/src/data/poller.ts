import { effect, type ReadonlySignal } from '@preact/signals'
import { ApiFailure } from '../../../src/api/api-client.ts'

/** A question that is asked again and again. */
export type PollTask = Readonly<{
  /** How long to wait between an answer and the next question, ms. */
  everyMs: number
  /** Asks once. */
  run: () => Promise<void>
}>

type Watched = {
  task: PollTask
  watchers: number
  timer: ReturnType<typeof setTimeout> | undefined
  running: boolean
}

/** Asks what somebody wants to know, as long as `active`: while the page can be seen and the server answers. */
export class Poller {
  readonly #active: ReadonlySignal<boolean>
  readonly #watched = new Map<PollTask, Watched>()

  constructor(active: ReadonlySignal<boolean>) {
    this.#active = active
    effect(() => {
      const isActive = active.value
      for (const each of this.#watched.values()) {
        clearTimeout(each.timer)
        if (isActive) {
          void this.#run(each)
        }
      }
    })
  }

  /** Begins with the task, unless somebody else has it done already; the returned function ends that. */
  watch(task: PollTask): () => void {
    const watched = this.#watched.get(task) ?? { task, watchers: 0, timer: undefined, running: false }
    this.#watched.set(task, watched)
    watched.watchers++
    if (watched.watchers === 1 && this.#active.peek()) {
      void this.#run(watched)
    }
    return () => {
      watched.watchers--
      if (watched.watchers === 0) {
        clearTimeout(watched.timer)
        this.#watched.delete(task)
      }
    }
  }

  /** Asks now, and not only when it is time, if somebody wants to know. */
  hurry(task: PollTask): void {
    const watched = this.#watched.get(task)
    if (watched !== undefined && this.#active.peek()) {
      clearTimeout(watched.timer)
      void this.#run(watched)
    }
  }

  async #run(watched: Watched): Promise<void> {
    if (watched.running) {
      return
    }
    watched.running = true
    try {
      await watched.task.run()
    } catch (error) {
      if (!(error instanceof ApiFailure)) {
        throw error
      }
      // Told by the link, and kept by the task.
    } finally {
      watched.running = false
      if (watched.watchers > 0 && this.#active.peek()) {
        clearTimeout(watched.timer)
        watched.timer = setTimeout(() => void this.#run(watched), watched.task.everyMs)
      }
    }
  }
}
