import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { defaultVia } from './players/load-player.ts'
import { formatRoute, labelOf, parseRoute, pathOfStream, type Route, type Via } from './route.ts'
import { type Selection, Session } from './session.ts'
import { type ListRefusal, type ServerPorts, StreamFeed, type StreamInfo } from './stream-feed.ts'
import { findRtmpOrigins, mediaBaseOf, type RtmpOrigins } from './urls.ts'

/** Address of the page without its hash; everything else is taken relative to it. */
export const pageBase: string = document.baseURI.replace(/#.*$/, '')

/** The server's streams; `null` before its first answer. Stays as it was while the server is out of reach. */
export const streams: Signal<readonly StreamInfo[] | null> = signal(null)

/** Whether the server answers; `undefined` before its first answer is due. */
export const reachable: Signal<boolean | undefined> = signal(undefined)

/** Why the server does not tell its streams; null if it does, or was not asked yet. */
export const listRefusal: Signal<ListRefusal | null> = signal(null)

/** What the address bar asks for. */
export const route: Signal<Route | null> = signal(parseRoute(location.hash))

/** The chosen stream and the way to play it. */
export const selection: ReadonlySignal<Selection | null> = computed(() => {
  const current = route.value
  return current === null ? null : { path: current.path, via: current.via ?? defaultVia() }
})

/** Streams with a publisher. */
export const liveStreams: ReadonlySignal<readonly StreamInfo[]> = computed(() =>
  (streams.value ?? []).filter((stream) => stream.publish.active),
)

/** The server's entry for the chosen stream, if it has one. */
export const source: ReadonlySignal<StreamInfo | undefined> = computed(() =>
  findStream(selection.value?.path),
)

/** Where the server itself listens; undefined before it said so. */
const serverPorts: Signal<ServerPorts | undefined> = signal(undefined)

/** Where encoders and players connect that don't speak HTTP. */
export const rtmpOrigins: ReadonlySignal<RtmpOrigins> = computed(() =>
  findRtmpOrigins(
    pageBase,
    // The chosen stream's publisher knows best, then any other: ports may be forwarded.
    [source.value, ...(streams.value ?? [])].flatMap((stream) => stream?.tcUrl ?? []),
    serverPorts.value,
  ),
)

/** What the addresses of streams are relative to. */
export const mediaBase: ReadonlySignal<string> = computed(() =>
  mediaBaseOf(pageBase, serverPorts.value?.media ?? null),
)

/** The playback. */
export const session: Session = new Session(() => mediaBase.value)

/** The way to play that links to other streams keep. */
export const currentVia: ReadonlySignal<Via> = computed(() => selection.value?.via ?? defaultVia())

/** Connects the address bar, the server's list and the playback; the returned function takes them apart. */
export function connectStore(): () => void {
  const onHashChange = (): void => {
    route.value = parseRoute(location.hash)
  }
  window.addEventListener('hashchange', onHashChange)
  const feed = new StreamFeed(pageBase, {
    onStreams: (list) => {
      streams.value = list
      listRefusal.value = null
      reachable.value = true
    },
    onPorts: (ports) => {
      serverPorts.value = ports
    },
    onRefused: (why) => {
      // It is there, and nothing is known of its streams (any more).
      streams.value = null
      listRefusal.value = why
      reachable.value = undefined
    },
    onUnreachable: () => {
      listRefusal.value = null
      reachable.value = false
    },
  })
  const stops = [
    feed.start(),
    effect(() => session.select(selection.value)),
    effect(() => session.inform(reachable.value, source.value)),
    effect(chooseFirstStream),
    effect(() => {
      document.body.dataset.state = session.view.value.state
    }),
    effect(() => {
      const name = selection.value === null ? undefined : labelOf(selection.value.path)
      document.title = name === undefined ? 'SRS · live streaming server' : `${name} · SRS`
    }),
    () => window.removeEventListener('hashchange', onHashChange),
  ]
  return () => {
    for (const stop of stops) {
      stop()
    }
  }
}

function findStream(path: string | undefined): StreamInfo | undefined {
  const matches = (streams.value ?? []).filter((stream) => pathOfStream(stream.url) === path)
  return matches.find((stream) => stream.publish.active) ?? matches[0]
}

/** A page opened without a stream shows the first that is live. */
function chooseFirstStream(): void {
  const first = liveStreams.value[0]
  if (route.value === null && first !== undefined) {
    const path = pathOfStream(first.url)
    history.replaceState(null, '', formatRoute(path, defaultVia()))
    route.value = { path, via: defaultVia() }
  }
}
