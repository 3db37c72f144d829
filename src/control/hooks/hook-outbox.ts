import type { Clock, Logger } from '../../base/index.ts'
import { describeHookUrl, type HookClient } from './hook-client.ts'
import type { JournalRecord } from './journal-record.ts'
import { type HookNotification, notificationBytes } from './notification.ts'
import { NotificationLanes } from './notification-lanes.ts'
import { defaultHookDelivery, type HookDeliveryOptions } from './options.ts'
import type { OutboxJournal } from './outbox-journal.ts'
import type { RecoveredNotifications } from './recovered-notifications.ts'

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
  /** Told of what is not delivered. */
  logger: Logger
}>

/**
 * Keeps notifications until servers of hooks have taken them: in memory, and on disk if there is a journal. A server has taken one when
 * it has answered, unless it said that it is broken (5xx) or has too much to do; whether the answer is a yes does not matter.
 */
export class HookOutbox {
  readonly #setup: HookOutboxSetup
  readonly #lanes: NotificationLanes
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
  /** Nothing is delivered any more. */
  #ended = false

  /** Notifications are in memory only, until `keepIn`. */
  constructor(setup: HookOutboxSetup) {
    this.#setup = setup
    this.#lanes = new NotificationLanes({
      deliver: (notification) => this.#deliver(notification),
      onOver: (notification) => this.#settleAccount(notification),
      clock: setup.clock,
    })
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

  /** Whether they are kept on disk, too. */
  get isDurable(): boolean {
    return this.#journal !== null
  }

  /** Takes other options, from now on. */
  use(options: HookDeliveryOptions): void {
    this.#options = options
    this.#lanes.use(options)
  }

  /** Whether they should be kept on disk, and are not, since the disk fails. */
  get diskFailing(): boolean {
    return this.#journal?.failing ?? false
  }

  /** Keeps notifications in a journal from now on, and delivers what that held when it was opened. To be called before there are others. */
  keepIn(journal: OutboxJournal, { owed, interrupted, damaged }: RecoveredNotifications): void {
    this.#journal = journal
    journal.describe(
      () => this.#records(),
      () => this.#bytes + this.#openBytes,
    )
    for (const notification of owed) {
      this.#enqueue(notification)
    }
    // When it ended nobody saw: it is owed from now on, however long ago it began.
    const at = this.#setup.clock.wallTime()
    for (const notification of interrupted.map((each) => ({ ...each, at }))) {
      this.#enqueue(notification)
      journal.append({ kind: 'owe', notification })
    }
    if (damaged > 0) {
      // Else these lines would be found at each start.
      journal.renew()
    }
  }

  /**
   * Keeps what will be owed when something ends that has just begun, should this process die before. Without a journal, nothing; nor if as
   * much is kept as may wait.
   */
  open(notification: HookNotification): void {
    if (this.#journal === null) {
      return
    }
    const limit = this.#limitReached(notification, this.#open.size, this.#openBytes)
    if (limit !== null) {
      this.#setup.logger.warn(
        { ...fieldsOf(notification), reason: `more has begun than ${limit} allows` },
        'a notification would be lost with a crash: that it will be owed is not kept',
      )
      return
    }
    this.#open.set(notification.id, notification)
    this.#openBytes += notificationBytes(notification)
    this.#journal.append({ kind: 'open', notification })
  }

  /** What was kept by `open` will not be owed. */
  forget(id: string): void {
    if (this.#removeOpen(id)) {
      this.#journal?.append({ kind: 'done', id })
    }
  }

  /** Delivers a notification, unless there are as many as there may be: it is dropped then, which is counted and logged. */
  add(notification: HookNotification): void {
    if (this.#ended) {
      // What is kept by `open` is found at the next start.
      if (!this.#open.has(notification.id)) {
        this.#drop('closed', notification, 'hooks are told nothing any more: the server ends')
      }
      return
    }
    const limit = this.#limitReached(notification, this.#depth, this.#bytes)
    if (limit !== null) {
      this.forget(notification.id)
      this.#drop('full', notification, `more wait than ${limit} allows`)
      return
    }
    this.#removeOpen(notification.id)
    // First here, then there: the journal may ask for all there is when it is given more.
    this.#enqueue(notification)
    this.#journal?.append({ kind: 'owe', notification })
  }

  /**
   * Waits until what is owed in a lane is delivered, or can't be at the moment, and no longer than `waitMs`.
   * @param lane see `laneOf`
   */
  settle(lane: string, waitMs: number): Promise<void> {
    return this.#lanes.settle(lane, waitMs)
  }

  /**
   * Delivers what can be delivered at once, for a while; the rest is on disk, or is dropped if it is in memory only. Idempotent.
   * @param withinMs how long deliveries may take
   */
  async close(withinMs: number): Promise<void> {
    if (this.#closed) {
      return
    }
    this.#closed = true
    await this.#lanes.end(withinMs)
    this.#ended = true
    const isKept = (await this.#journal?.close()) ?? null
    if (this.#depth > 0) {
      if (isKept !== true) {
        this.#dropped.closed += this.#depth
      }
      this.#setup.logger.warn(
        { notifications: this.#depth, fate: fateOf(isKept) },
        'notifications of hooks were not delivered before the end',
      )
    }
  }

  /** The limit that one more would exceed; null if there is room. */
  #limitReached(more: HookNotification, count: number, bytes: number): string | null {
    const { maxNotifications, maxNotificationBytes } = this.#options
    if (count >= maxNotifications) {
      return `hookDelivery.maxNotifications (${maxNotifications})`
    }
    return bytes + notificationBytes(more) > maxNotificationBytes
      ? `hookDelivery.maxNotificationBytes (${maxNotificationBytes})`
      : null
  }

  #enqueue(notification: HookNotification): void {
    this.#depth++
    this.#bytes += notificationBytes(notification)
    this.#lanes.add(notification)
  }

  async #deliver(notification: HookNotification): Promise<boolean> {
    const { clock, client, logger } = this.#setup
    const { maxAgeMs } = this.#options
    if (clock.wallTime() - notification.at > maxAgeMs) {
      this.#drop('expired', notification, `it is older than hookDelivery.maxAgeMs (${maxAgeMs})`)
      return true
    }
    const answer = await client.call(notification)
    if (answer.outcome === 'allowed') {
      this.#delivered++
      return true
    }
    const { outcome, status, reason } = answer
    const isTaken = outcome === 'refused' && (status ?? 0) < 500
    logger.warn(
      { ...fieldsOf(notification), reason },
      isTaken
        ? 'a notification was delivered, and the answer was no yes'
        : 'a notification was not delivered: it will be tried again',
    )
    if (isTaken) {
      this.#delivered++
      this.#refused++
    }
    return isTaken
  }

  /** It is owed no more. */
  #settleAccount(notification: HookNotification): void {
    this.#depth--
    this.#bytes -= notificationBytes(notification)
    this.#journal?.append({ kind: 'done', id: notification.id })
  }

  #drop(why: keyof DroppedNotifications, notification: HookNotification, reason: string): void {
    this.#dropped[why]++
    this.#setup.logger.warn(
      { ...fieldsOf(notification), reason, dropped: this.#dropped[why] },
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
    for (const notification of this.#lanes.notifications()) {
      yield { kind: 'owe', notification }
    }
  }
}

/** What becomes of what was not delivered. @param isKept whether all is on disk; null if it should not be */
function fateOf(isKept: boolean | null): string {
  switch (isKept) {
    case true:
      return 'kept on disk'
    case false:
      return 'lost: the disk fails (hookDelivery.folder)'
    case null:
      return 'lost: they are in memory only (hookDelivery.folder)'
  }
}

/** What stands of a notification in the log. */
function fieldsOf({ event, url, id }: HookNotification): object {
  return { event, url: describeHookUrl(url), id }
}
