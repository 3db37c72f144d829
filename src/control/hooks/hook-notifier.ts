import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/index.ts'
import {
  type ConnectionTotals,
  type Refusal,
  type StreamEvents,
  type StreamName,
  type StreamRequest,
  streamKey,
} from '../../live/index.ts'
import { concernsHooks } from './hook-admission.ts'
import type { HookBodies } from './hook-bodies.ts'
import type { HookOutbox } from './hook-outbox.ts'
import { type HookNotification, laneOf, type NotificationEvent } from './notification.ts'
import { type HookOptions, hookUrls } from './options.ts'

/** What a hook notifier is made with. */
export type HookNotifierSetup = Readonly<{
  /** Delivers. */
  outbox: Pick<HookOutbox, 'isDurable' | 'open' | 'forget' | 'add'>
  /** Writes what is told. */
  bodies: HookBodies
  /** The hooks of a virtual host as of now; undefined if there is no such virtual host. */
  hooksOf: (vhost: string) => HookOptions | undefined
  /** Who publishes a stream at the moment; null if nobody does. */
  publisherOf: (name: StreamName) => StreamRequest | null
  /** Says when something happened. */
  clock: Clock
}>

/** What may still refuse a client when hooks have said yes, as `Refusal.link`: backends that say where to forward a stream. */
const LINKS_BEHIND_HOOKS: readonly string[] = ['forward']

/** What is not known of a connection whose end nobody saw. */
const UNKNOWN_TOTALS: ConnectionTotals = { bytesReceived: 0, bytesSent: 0 }

/**
 * Tells hooks what has ended, by an outbox. With one on disk, it is written there what has begun: whoever was in when the process
 * died is told to have left when it runs again.
 */
export class HookNotifier implements StreamEvents {
  readonly #setup: HookNotifierSetup
  /** The hooks when something began: they are told of its end also if the virtual host is gone by then. */
  readonly #hooksBefore = new WeakMap<StreamRequest, HookOptions>()
  /** What will be told of who is in. */
  readonly #begun = new WeakMap<StreamRequest, HookNotification[]>()

  /** Tells nothing before something happens. */
  constructor(setup: HookNotifierSetup) {
    this.#setup = setup
  }

  /** A client was let in: its end will be told. */
  connected(request: StreamRequest): void {
    this.#begin('on_close', request, () => this.#setup.bodies.writeClose(request, UNKNOWN_TOTALS))
  }

  async onPublish(request: StreamRequest): Promise<void> {
    this.#begin('on_unpublish', request, () => this.#setup.bodies.write('on_unpublish', request))
  }

  async onUnpublish(request: StreamRequest): Promise<void> {
    this.#end('on_unpublish', request, () => this.#setup.bodies.write('on_unpublish', request))
  }

  async onPlay(request: StreamRequest): Promise<void> {
    this.#begin('on_stop', request, () => this.#setup.bodies.write('on_stop', request))
  }

  async onStop(request: StreamRequest): Promise<void> {
    this.#end('on_stop', request, () => this.#setup.bodies.write('on_stop', request))
  }

  async onClose(request: StreamRequest, totals: ConnectionTotals): Promise<void> {
    this.#end('on_close', request, () => this.#setup.bodies.writeClose(request, totals))
  }

  /**
   * Who was asked and said yes takes the client for one that publishes or plays; who was not asked knows of none. Not told while another
   * one that hooks know publishes the stream, whose end it could be taken for.
   */
  async onAbandoned(action: Refusal['action'], request: StreamRequest): Promise<void> {
    const [asked, event] =
      action === 'publish' ? (['on_publish', 'on_unpublish'] as const) : (['on_play', 'on_stop'] as const)
    const other = action === 'publish' ? this.#setup.publisherOf(request.name) : null
    if (other !== null && concernsHooks(other)) {
      return
    }
    if (hookUrls(this.#setup.hooksOf(request.name.vhost) ?? {}, asked).length > 0) {
      this.#end(event, request, () => this.#setup.bodies.write(event, request))
    }
  }

  async onRefused({ action, request, link }: Refusal): Promise<void> {
    // Else who was asked has said no itself, or was not asked yet, or is told by `onAbandoned`.
    if (LINKS_BEHIND_HOOKS.includes(link)) {
      await this.onAbandoned(action, request)
    }
  }

  #begin(event: NotificationEvent, request: StreamRequest, write: () => string): void {
    const { outbox, hooksOf } = this.#setup
    this.#hooksBefore.set(request, hooksOf(request.name.vhost) ?? {})
    if (!outbox.isDurable) {
      return
    }
    const notifications = this.#notificationsOf(event, request, write, [])
    this.#begun.set(request, [...(this.#begun.get(request) ?? []), ...notifications])
    for (const notification of notifications) {
      outbox.open(notification)
    }
  }

  #end(event: NotificationEvent, request: StreamRequest, write: () => string): void {
    const { outbox } = this.#setup
    const all = this.#begun.get(request) ?? []
    const begun = all.filter((each) => each.event === event)
    this.#begun.set(
      request,
      all.filter((each) => each.event !== event),
    )
    const owed = this.#notificationsOf(event, request, write, begun)
    for (const { id } of begun) {
      if (!owed.some((notification) => notification.id === id)) {
        outbox.forget(id)
      }
    }
    for (const notification of owed) {
      outbox.add(notification)
    }
  }

  /** One for each URL as of now; those that have begun keep their ids. */
  #notificationsOf(
    event: NotificationEvent,
    request: StreamRequest,
    write: () => string,
    begun: readonly HookNotification[],
  ): HookNotification[] {
    const { hooksOf, clock } = this.#setup
    const hooks = hooksOf(request.name.vhost) ?? this.#hooksBefore.get(request) ?? {}
    const urls = concernsHooks(request) ? hookUrls(hooks, event) : []
    if (urls.length === 0) {
      return []
    }
    const body = write()
    const at = clock.wallTime()
    return urls.map((url) => {
      const id = begun.find((each) => each.url === url)?.id ?? randomUUID()
      return { id, event, url, lane: laneOf(url, streamKey(request.name)), body, at }
    })
  }
}
