import { Backoff, type Clock } from '../../base/index.ts'
import type { HookNotification } from './notification.ts'
import { defaultHookDelivery, type HookDeliveryOptions } from './options.ts'

/** Part of the pause between two tries that is left to chance. */
const RETRY_JITTER = 0.3

/** The options that count for the order of deliveries. */
type LaneOptions = Pick<HookDeliveryOptions, 'connections' | 'retryFirstMs' | 'retryMaxMs'>

/** What lanes are made with. */
export type NotificationLanesSetup = Readonly<{
  /** Tries to deliver a notification. Resolves with whether that is over: taken, or given up; else it is tried again. Never rejects. */
  deliver: (notification: HookNotification) => Promise<boolean>
  /** Told of each that is over, when it is in no lane any more. */
  onOver: (notification: HookNotification) => void
  /** Times pauses. */
  clock: Clock
}>

/** The notifications about one stream for one server of hooks, of which the first is under way or waits to be tried again. */
type Lane = {
  readonly key: string
  readonly origin: string
  readonly queue: HookNotification[]
  /** Whether the first one failed, and waits to be tried again. */
  pausing: boolean
  /** Null as long as nothing has failed. */
  backoff: Backoff | null
  /** Ends the pause. */
  timer: NodeJS.Timeout | undefined
  /** Who waits for those up to an id: a failure lets them go on, too. */
  waiters: { id: string; resolve: () => void }[]
}

/** Deliveries to one server. */
type Destination = { active: number; readonly ready: Lane[] }

/**
 * Brings notifications out in their order, lane by lane: the first of a lane is tried until that is over, with pauses that double, and
 * then the next. Lanes go on side by side, in turn, over half of the connections to a server at most, so that decisions find one that is free.
 */
export class NotificationLanes {
  readonly #setup: NotificationLanesSetup
  readonly #lanes = new Map<string, Lane>()
  readonly #destinations = new Map<string, Destination>()
  #options: LaneOptions = defaultHookDelivery
  #ending = false
  #onIdle: (() => void) | null = null

  /** There are none yet. */
  constructor(setup: NotificationLanesSetup) {
    this.#setup = setup
  }

  /** Takes other options for tries that begin from now on. */
  use(options: LaneOptions): void {
    this.#options = options
  }

  /** All that is not over, in the order of each lane. */
  *notifications(): Generator<HookNotification> {
    for (const { queue } of this.#lanes.values()) {
      yield* queue
    }
  }

  /** Puts a notification at the end of its lane. */
  add(notification: HookNotification): void {
    const { lane: key, url } = notification
    const lane = this.#lanes.get(key)
    if (lane !== undefined) {
      lane.queue.push(notification)
      return
    }
    const added: Lane = {
      key,
      origin: new URL(url).origin,
      queue: [notification],
      pausing: false,
      backoff: null,
      timer: undefined,
      waiters: [],
    }
    this.#lanes.set(key, added)
    this.#makeReady(added)
  }

  /**
   * Tries a lane now that pauses. Resolves when all that is in it now is over, when a try fails, or after `waitMs`.
   * @param key of the lane; of one that is not there it resolves at once
   */
  async settle(key: string, waitMs: number): Promise<void> {
    const lane = this.#lanes.get(key)
    const last = lane?.queue.at(-1)
    if (lane === undefined || last === undefined) {
      return
    }
    await within(waitMs, (resolve) => {
      lane.waiters.push({ id: last.id, resolve })
      this.#endPause(lane)
    })
  }

  /** Tries once more each lane that pauses, and nothing again that fails. Resolves when no try is under way, or after `withinMs`. */
  async end(withinMs: number): Promise<void> {
    this.#ending = true
    for (const lane of this.#lanes.values()) {
      this.#endPause(lane)
    }
    await within(withinMs, (resolve) => {
      this.#onIdle = resolve
      this.#checkIdle()
    })
  }

  #endPause(lane: Lane): void {
    if (lane.pausing) {
      this.#makeReady(lane)
    }
  }

  #makeReady(lane: Lane): void {
    clearTimeout(lane.timer)
    lane.pausing = false
    const destination = this.#destinations.get(lane.origin) ?? { active: 0, ready: [] }
    this.#destinations.set(lane.origin, destination)
    destination.ready.push(lane)
    this.#run(lane.origin, destination)
  }

  #run(origin: string, destination: Destination): void {
    const most = Math.max(1, Math.floor(this.#options.connections / 2))
    while (destination.active < most) {
      const lane = destination.ready.shift()
      if (lane === undefined) {
        break
      }
      destination.active++
      void this.#tryFirst(lane).finally(() => {
        destination.active--
        this.#run(origin, destination)
      })
    }
    if (destination.active === 0) {
      this.#destinations.delete(origin)
    }
  }

  async #tryFirst(lane: Lane): Promise<void> {
    const [notification] = lane.queue
    if (notification === undefined) {
      return
    }
    if (await this.#setup.deliver(notification)) {
      this.#goOn(lane, notification)
    } else {
      this.#pause(lane)
    }
    this.#checkIdle()
  }

  #goOn(lane: Lane, notification: HookNotification): void {
    lane.queue.shift()
    lane.backoff = null
    this.#setup.onOver(notification)
    const { id } = notification
    for (const waiter of lane.waiters.filter((each) => each.id === id)) {
      waiter.resolve()
    }
    lane.waiters = lane.waiters.filter((each) => each.id !== id)
    if (lane.queue.length > 0) {
      this.#makeReady(lane)
    } else {
      this.#lanes.delete(lane.key)
    }
  }

  #pause(lane: Lane): void {
    for (const { resolve } of lane.waiters.splice(0)) {
      resolve()
    }
    lane.pausing = true
    if (!this.#ending) {
      const { retryFirstMs: firstMs, retryMaxMs: maxMs } = this.#options
      lane.backoff ??= new Backoff({ firstMs, maxMs, jitter: RETRY_JITTER, healthyMs: 0 }, this.#setup.clock)
      lane.timer = setTimeout(() => this.#makeReady(lane), lane.backoff.fail()).unref()
    }
  }

  #checkIdle(): void {
    if (this.#onIdle !== null && [...this.#lanes.values()].every(({ pausing }) => pausing)) {
      this.#onIdle()
      this.#onIdle = null
    }
  }
}

/** Resolves when `wait` does, or when the time is over. */
async function within(timeMs: number, wait: (resolve: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeMs)
    wait(resolve)
  })
  clearTimeout(timer)
}
