import { Backoff, type Clock, type Logger } from '../../base/index.ts'
import type { HookAnswer } from './hook-answer.ts'
import { describeHookUrl, type HookClient } from './hook-client.ts'
import type { JournalRecord } from './journal-record.ts'
import { type HookNotification, notificationBytes } from './notification.ts'
import { defaultHookDelivery, type HookDeliveryOptions } from './options.ts'
import type { OutboxJournal } from './outbox-journal.ts'

/** Part of the pause between two tries that is left to chance. */
const RETRY_JITTER = 0.3

/** Notifications that were given up since the start, by why. */
export type DroppedNotifications = Readonly<{
  /** There were as many as there may be (`maxNotifications`, `maxNotificationBytes`). */
  full: number
  /** They were older than `maxAgeMs`. */
  expired: number
  /** The server was closed, and they were in memory only. */
  closed: number
}>

/** What an outbox is made with. */
export type HookOutboxSetup = Readonly<{
  /** Delivers. */
  client: HookClient
  /** Says how old notifications are. */
  clock: Clock
  /** Told of what is dropped. */
  logger: Logger
}>

/** The notifications of one stream for one server, of which the first is under way or waits to be tried again. */
type Lane = {
  readonly key: string
  readonly origin: string
  readonly queue: HookNotification[]
  /** Whether its first notification failed, and waits to be tried again. */
  pausing: boolean
  /** Null as long as nothing has failed. */
  backoff: Backoff | null
  /** Ends the pause. */
  timer: NodeJS.Timeout | undefined
  /** Who waits for those that are there now: the next failure lets them go on, too. */
  waiters: { id: string; resolve: () => void }[]
}

/** Deliveries to one server. */
type Destination = { active: number; readonly ready: Lane[] }

/**
 * Delivers notifications, those of one lane in their order, each until it has been taken: one that was not is tried again, with pauses
 * that double, and so are those behind it. Lanes go on side by side, over half of the connections to a server at most, so that
 * decisions find one that is free.
 */
export class HookOutbox {
  readonly #setup: HookOutboxSetup
  readonly #lanes = new Map<string, Lane>()
  readonly #destinations = new Map<string, Destination>()
  /** What will be owed when something ends, for the journal. */
  readonly #open = new Map<string, HookNotification>()
  readonly #dropped = { full: 0, expired: 0, closed: 0 }
  #journal: OutboxJournal | null = null
  #options: HookDeliveryOptions = defaultHookDelivery
  #depth = 0
  #bytes = 0
  #openBytes = 0
  #delivered = 0
  #refused = 0
  #closed = false
  #onIdle: (() => void) | null = null

  /** Notifications are in memory only, until `keepIn`. */
  constructor(setup: HookOutboxSetup) {
    this.#setup = setup
  }

  /**
   * Keeps notifications in a journal from now on, and delivers what that held when it was opened. To be called before there are others.
   * @param owed in order
   */
  keepIn(journal: OutboxJournal, owed: readonly HookNotification[]): void {
    this.#journal = journal
    journal.describe(
      () => this.#records(),
      () => this.#bytes + this.#openBytes,
    )
    for (const notification of owed) {
      this.#enqueue(notification)
    }
  }

  /** Notifications that wait, or are under way. */
  get depth(): number {
    return this.#depth
  }

  /** Bytes of those. */
  get bytes(): number {
    return this.#bytes
  }

  /** Notifications that were taken, whatever the answer was, since the start. */
  get delivered(): number {
    return this.#delivered
  }

  /** Of these, those whose answer was no yes. */
  get refused(): number {
    return this.#refused
  }

  /** Notifications that were given up. */
  get dropped(): DroppedNotifications {
    return this.#dropped
  }

  /** Takes other options for deliveries that begin from now on. */
  use(options: HookDeliveryOptions): void {
    this.#options = options
  }

  /** Whether they are kept on disk, too. */
  get isDurable(): boolean {
    return this.#journal !== null
  }

  /** Keeps what will be owed when something ends that has just begun, should this process die before. Without a journal, nothing. */
  open(notification: HookNotification): void {
    const journal = this.#journal
    if (journal === null || this.#open.size >= this.#options.maxNotifications) {
      return
    }
    this.#open.set(notification.id, notification)
    this.#openBytes += notificationBytes(notification)
    journal.append({ kind: 'open', notification })
  }

  /** What was kept by `open` will not be owed. */
  forget(id: string): void {
    if (this.#removeOpen(id)) {
      this.#journal?.append({ kind: 'done', id })
    }
  }

  /** Delivers a notification, unless there are as many as there may be: it is dropped then, which is counted and logged. */
  add(notification: HookNotification): void {
    const { maxNotifications, maxNotificationBytes } = this.#options
    const bytes = notificationBytes(notification)
    if (this.#depth >= maxNotifications || this.#bytes + bytes > maxNotificationBytes) {
      this.forget(notification.id)
      const limit =
        this.#depth >= maxNotifications
          ? `hookDelivery.maxNotifications (${maxNotifications})`
          : `hookDelivery.maxNotificationBytes (${maxNotificationBytes})`
      this.#drop('full', notification, `more wait than ${limit} allows`)
      return
    }
    this.#removeOpen(notification.id)
    this.#journal?.append({ kind: 'owe', notification })
    this.#enqueue(notification)
  }

  /**
   * Tries a lane now that waits to be tried again. Resolves when all that is in it now was taken, when that fails, or after `waitMs`.
   * @param lane see `laneOf`
   */
  async settle(lane: string, waitMs: number): Promise<void> {
    const found = this.#lanes.get(lane)
    const last = found?.queue.at(-1)
    if (found === undefined || last === undefined) {
      return
    }
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs)
      found.waiters.push({ id: last.id, resolve })
      if (found.pausing) {
        this.#makeReady(found)
      }
    })
    clearTimeout(timer)
  }

  /**
   * Delivers what can be delivered at once, for a while; keeps the rest on disk, or drops it if it is in memory only. Idempotent.
   * @param withinMs how long deliveries may take
   */
  async close(withinMs: number): Promise<void> {
    if (this.#closed) {
      return
    }
    this.#closed = true
    for (const lane of this.#lanes.values()) {
      if (lane.pausing) {
        this.#makeReady(lane)
      }
    }
    if (this.#depth > 0) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
        timer = setTimeout(resolve, withinMs)
        this.#checkIdle()
      })
      clearTimeout(timer)
    }
    for (const lane of this.#lanes.values()) {
      clearTimeout(lane.timer)
    }
    const journal = this.#journal
    if (this.#depth > 0) {
      if (journal === null) {
        this.#dropped.closed += this.#depth
      }
      const fate = journal === null ? 'lost: they are in memory only (hookDelivery.folder)' : 'kept on disk'
      this.#setup.logger.warn(
        { notifications: this.#depth, fate },
        'notifications of hooks were not delivered before the end',
      )
    }
    await journal?.close()
  }

  #enqueue(notification: HookNotification): void {
    this.#depth++
    this.#bytes += notificationBytes(notification)
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
      void this.#deliverFirst(lane).finally(() => {
        destination.active--
        this.#run(origin, destination)
      })
    }
    if (destination.active === 0) {
      this.#destinations.delete(origin)
    }
  }

  /** Never rejects. */
  async #deliverFirst(lane: Lane): Promise<void> {
    const [notification] = lane.queue
    if (notification === undefined) {
      return
    }
    const { clock, client } = this.#setup
    if (clock.wallTime() - notification.at > this.#options.maxAgeMs) {
      this.#drop(
        'expired',
        notification,
        `it is older than hookDelivery.maxAgeMs (${this.#options.maxAgeMs})`,
      )
      this.#finish(lane, notification)
      return
    }
    const answer = await client.call(notification)
    if (isTaken(answer)) {
      this.#delivered++
      this.#noteRefusal(notification, answer)
      this.#finish(lane, notification)
      return
    }
    this.#tryLater(lane, notification, answer)
  }

  #finish(lane: Lane, { id, ...notification }: HookNotification): void {
    lane.queue.shift()
    lane.backoff = null
    this.#depth--
    this.#bytes -= notificationBytes({ id, ...notification })
    this.#journal?.append({ kind: 'done', id })
    lane.waiters = lane.waiters.filter((waiter) => {
      if (waiter.id === id) {
        waiter.resolve()
      }
      return waiter.id !== id
    })
    if (lane.queue.length > 0) {
      this.#makeReady(lane)
    } else {
      this.#lanes.delete(lane.key)
    }
    this.#checkIdle()
  }

  #tryLater(lane: Lane, notification: HookNotification, answer: HookAnswer): void {
    const { clock, logger } = this.#setup
    const reason = 'reason' in answer ? answer.reason : ''
    const { retryFirstMs: firstMs, retryMaxMs: maxMs } = this.#options
    lane.backoff ??= new Backoff({ firstMs, maxMs, jitter: RETRY_JITTER, healthyMs: 0 }, clock)
    const waitMs = lane.backoff.fail()
    for (const { resolve } of lane.waiters.splice(0)) {
      resolve()
    }
    lane.pausing = true
    if (!this.#closed) {
      lane.timer = setTimeout(() => this.#makeReady(lane), waitMs).unref()
    }
    logger.warn(
      {
        event: notification.event,
        url: describeHookUrl(notification.url),
        id: notification.id,
        reason,
        waitMs,
      },
      'a notification was not delivered: it will be tried again',
    )
    this.#checkIdle()
  }

  #noteRefusal({ event, url, id }: HookNotification, answer: HookAnswer): void {
    if (answer.outcome !== 'allowed') {
      this.#refused++
      const { reason } = answer
      this.#setup.logger.warn(
        { event, url: describeHookUrl(url), id, reason },
        'a notification was delivered, and the answer was no yes',
      )
    }
  }

  #drop(why: keyof DroppedNotifications, { event, url, id }: HookNotification, reason: string): void {
    this.#dropped[why]++
    this.#setup.logger.warn(
      { event, url: describeHookUrl(url), id, reason, dropped: this.#dropped[why] },
      'a notification is dropped',
    )
  }

  #removeOpen(id: string): boolean {
    const notification = this.#open.get(id)
    if (notification === undefined) {
      return false
    }
    this.#open.delete(id)
    this.#openBytes -= notificationBytes(notification)
    return true
  }

  *#records(): Generator<JournalRecord> {
    for (const notification of this.#open.values()) {
      yield { kind: 'open', notification }
    }
    for (const { queue } of this.#lanes.values()) {
      for (const notification of queue) {
        yield { kind: 'owe', notification }
      }
    }
  }

  /** Closing waits for lanes that are under way or can be; those that have failed would have to wait. */
  #checkIdle(): void {
    if (this.#onIdle !== null && [...this.#lanes.values()].every(({ pausing }) => pausing)) {
      this.#onIdle()
      this.#onIdle = null
    }
  }
}

/** Whether the server of hooks has heard it: it answered, and was neither broken nor too busy. */
function isTaken(answer: HookAnswer): boolean {
  return answer.outcome === 'allowed' || (answer.outcome === 'refused' && (answer.status ?? 0) < 500)
}
