/** What is only told: nobody waits for the answer. */
export type NotificationEvent = 'on_close' | 'on_unpublish' | 'on_stop'

/** What a server of hooks is owed. */
export type HookNotification = Readonly<{
  /** `webhook-id`: unique, and the same for each try. */
  id: string
  /** What it is about. */
  event: NotificationEvent
  /** Where it goes. */
  url: string
  /** Notifications of one lane are delivered in their order: those about one stream to one server. */
  lane: string
  /** JSON. */
  body: string
  /** When it happened, ms since the Unix epoch. */
  at: number
}>

/** The lane of what is told about a stream at a URL. */
export function laneOf(url: string, streamKey: string): string {
  return `${new URL(url).origin} ${streamKey}`
}

/** Bytes of a notification, as they are kept. */
export function notificationBytes({ id, url, lane, body }: HookNotification): number {
  return id.length + url.length + lane.length + Buffer.byteLength(body)
}
