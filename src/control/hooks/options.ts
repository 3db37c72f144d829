import { redactSecrets, ServerError } from '../../base/index.ts'

/** What hooks are about, as the bodies name it in `action`. */
export const HOOK_EVENTS = [
  'on_connect',
  'on_publish',
  'on_play',
  'on_close',
  'on_unpublish',
  'on_stop',
] as const

/** One of `HOOK_EVENTS`. */
export type HookEvent = (typeof HOOK_EVENTS)[number]

/**
 * Whom another server is asked about, and what it is told: for each event any number of http or https URLs, which are called in
 * their order. SRS: `http_hooks`. A change counts at once: URLs are looked up at each call.
 */
export type HookOptions = Readonly<{
  /** Whether they are called. Default true where there are any; SRS: off. */
  enabled?: boolean
  /** Asked when a client has connected and said what it wants: publish or play. */
  onConnect?: readonly string[]
  /** Asked before a client publishes. */
  onPublish?: readonly string[]
  /** Asked before a client plays. */
  onPlay?: readonly string[]
  /** Told when the connection of a client that was let in by `onConnect` has ended. */
  onClose?: readonly string[]
  /** Told when a client that published does so no more. */
  onUnpublish?: readonly string[]
  /** Told when a client that played does so no more. */
  onStop?: readonly string[]
}>

/** The option of each event. */
const OPTION_OF = {
  on_connect: 'onConnect',
  on_publish: 'onPublish',
  on_play: 'onPlay',
  on_close: 'onClose',
  on_unpublish: 'onUnpublish',
  on_stop: 'onStop',
} as const satisfies Record<HookEvent, keyof HookOptions>

/** Values of `HookDeliveryOptions.whenUnavailable`. */
export const UNAVAILABLE_POLICIES = ['refuse', 'allow'] as const

/**
 * How hooks are called, for all virtual hosts. A change counts at once, for calls that begin from now on; that of `folder` when
 * the process is started anew.
 */
export type HookDeliveryOptions = Readonly<{
  /** Connections to one server of hooks at most, kept open; what is more waits. Notifications take half of them at most. Default 32. */
  connections: number
  /** How long a call may take altogether, waiting for a connection included, ms. Default 10 000; SRS: 30 s. */
  timeoutMs: number
  /**
   * What becomes of a client if the server of hooks is down or slow: no connection, no answer in time, or HTTP 502, 503 or 504 from a
   * proxy before it. Default 'refuse'; 'allow' lets it in. An answer that is no yes always refuses.
   */
  whenUnavailable: (typeof UNAVAILABLE_POLICIES)[number]
  /** When a notification that was not delivered is tried again, ms; then twice as long each time. Default 1000. */
  retryFirstMs: number
  /** The longest pause between two tries, ms. Default 30 000. */
  retryMaxMs: number
  /** A notification that was not delivered for so long is given up, ms. Default 24 h. */
  maxAgeMs: number
  /** Notifications that wait at most, of all streams; what comes then is dropped. Default 100 000. */
  maxNotifications: number
  /** Bytes of those, as they are kept. Default 64 MiB. */
  maxNotificationBytes: number
  /**
   * The folder in which notifications are kept until they are delivered, so that they survive a crash; it is made. Default null: in
   * memory only. A change counts when the process is started anew.
   */
  folder: string | null
  /** A key by which calls are signed (Standard Webhooks), 24 characters at least, as a program gives it. Default null. */
  secret: string | null
  /** The variable of the environment that has such a key. Default null. */
  secretVariable: string | null
  /** A file with such keys, one in a line; each signs, so that they can be changed one after the other. Read again by each reload. Default null. */
  secretFile: string | null
}>

/** Defaults of `HookDeliveryOptions`. */
export const defaultHookDelivery: HookDeliveryOptions = {
  connections: 32,
  timeoutMs: 10_000,
  whenUnavailable: 'refuse',
  retryFirstMs: 1000,
  retryMaxMs: 30_000,
  maxAgeMs: 86_400_000,
  maxNotifications: 100_000,
  maxNotificationBytes: 64 * 1024 * 1024,
  folder: null,
  secret: null,
  secretVariable: null,
  secretFile: null,
}

/** The URLs to call for an event, in their order; none where hooks are off. */
export function hookUrls(options: HookOptions, event: HookEvent): readonly string[] {
  return options.enabled === false ? [] : (options[OPTION_OF[event]] ?? [])
}

/** Whether any are called. */
export function hasHooks(options: HookOptions): boolean {
  return HOOK_EVENTS.some((event) => hookUrls(options, event).length > 0)
}

/**
 * Checks the URLs of hooks.
 * @returns the same options
 * @throws ServerError ERR_CONFIGURATION that names the one that can't be used
 */
export function requireHooks(options: HookOptions): HookOptions {
  for (const name of Object.values(OPTION_OF)) {
    for (const url of options[name] ?? []) {
      if (!isHookUrl(url)) {
        throw new ServerError(
          'ERR_CONFIGURATION',
          `hooks.${name}: '${redactSecrets(url)}' is no http or https URL`,
        )
      }
    }
  }
  return options
}

/** Whether hooks can be called there. */
export function isHookUrl(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && /^https?:$/.test(parsed.protocol)
}

/** The longest time that timers of Node can wait. */
const MAX_TIMER_MS: number = 2 ** 31 - 1

/** Options that are counts or times, 1 at least, with their greatest values. */
const MOST = {
  connections: 10_000,
  timeoutMs: MAX_TIMER_MS,
  retryFirstMs: MAX_TIMER_MS,
  retryMaxMs: MAX_TIMER_MS,
  maxAgeMs: Number.POSITIVE_INFINITY,
  maxNotifications: Number.POSITIVE_INFINITY,
  maxNotificationBytes: Number.POSITIVE_INFINITY,
} as const satisfies Partial<Record<keyof HookDeliveryOptions, number>>

/**
 * What is given, with defaults for the rest.
 * @throws ServerError ERR_CONFIGURATION that names the value that can't be used
 */
export function resolveHookDelivery(given: Partial<HookDeliveryOptions> = {}): HookDeliveryOptions {
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  const options: HookDeliveryOptions = { ...defaultHookDelivery, ...Object.fromEntries(said) }
  for (const [name, most] of Object.entries(MOST) as [keyof typeof MOST, number][]) {
    const value = options[name]
    if (!(value >= 1 && value <= most)) {
      const limit = value > most ? `${most} at most` : '1 at least'
      throw new ServerError('ERR_CONFIGURATION', `hookDelivery.${name} is ${value}: must be ${limit}`)
    }
  }
  if (!UNAVAILABLE_POLICIES.includes(options.whenUnavailable)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `hookDelivery.whenUnavailable is '${options.whenUnavailable}': must be ${UNAVAILABLE_POLICIES.join(' or ')}`,
    )
  }
  return options
}
