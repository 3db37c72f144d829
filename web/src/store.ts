import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { kept } from './api/credentials.ts'
import { defaultVia } from './players/load-player.ts'
import { formatRoute, labelOf, parseRoute, pathOfStream, type Route, type Via } from './route.ts'
import { type Selection, Session } from './session.ts'
import type { ListRefusal, StreamInfo } from './stream-feed.ts'
import { findRtmpOrigins, type RtmpOrigins } from './urls.ts'
import { parseWallRoute, type WallRoute } from './wall/wall-route.ts'
import { WatchedServer } from './watched-server.ts'

/** Address of the page without its hash; everything else is taken relative to it. */
export const pageBase: string = document.baseURI.replace(/#.*$/, '')

/** The server that the page comes from. It is told who asks if its console has been told in this tab. */
export const ownServer: WatchedServer = new WatchedServer(pageBase, () => kept.read())

/** See `WatchedServer.streams`. */
export const streams: Signal<readonly StreamInfo[] | null> = ownServer.streams

/** See `WatchedServer.reachable`. */
export const reachable: Signal<boolean | undefined> = ownServer.reachable

/** See `WatchedServer.listRefusal`. */
export const listRefusal: Signal<ListRefusal | null> = ownServer.listRefusal

const hash: Signal<string> = signal(location.hash)

/** The wall, if the address bar asks for it. */
export const wallRoute: ReadonlySignal<WallRoute | null> = computed(() => parseWallRoute(hash.value))

/** The stream that the address bar asks for. */
export const route: ReadonlySignal<Route | null> = computed(() =>
  wallRoute.value === null ? parseRoute(hash.value) : null,
)

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
  ownServer.find(selection.value?.path),
)

/** Where encoders and players connect that don't speak HTTP. */
export const rtmpOrigins: ReadonlySignal<RtmpOrigins> = computed(() =>
  findRtmpOrigins(
    pageBase,
    // The chosen stream's publisher knows best, then any other: ports may be forwarded.
    [source.value, ...(streams.value ?? [])].flatMap((stream) => stream?.tcUrl ?? []),
    ownServer.ports.value,
  ),
)

/** What the addresses of streams are relative to. */
export const mediaBase: ReadonlySignal<string> = ownServer.mediaBase

/** The playback. */
export const session: Session = new Session(() => mediaBase.value)

/** The way to play that links to other streams keep. */
export const currentVia: ReadonlySignal<Via> = computed(() => selection.value?.via ?? defaultVia())

/** Connects the address bar, the server's list and the playback; the returned function takes them apart. */
export function connectStore(): () => void {
  const onHashChange = (): void => {
    hash.value = location.hash
  }
  window.addEventListener('hashchange', onHashChange)
  const stops = [
    ownServer.start(),
    effect(() => session.select(selection.value)),
    effect(() => session.inform(reachable.value, source.value)),
    effect(chooseFirstStream),
    effect(() => {
      document.body.dataset.state = session.view.value.state
    }),
    effect(() => {
      document.title = titleOfPage()
    }),
    () => window.removeEventListener('hashchange', onHashChange),
  ]
  return () => {
    for (const stop of stops) {
      stop()
    }
  }
}

function titleOfPage(): string {
  if (wallRoute.value !== null) {
    return 'Wall · SRS'
  }
  const path = selection.value?.path
  return path === undefined ? 'SRS · live streaming server' : `${labelOf(path)} · SRS`
}

/** A page opened without a stream shows the first that is live. */
function chooseFirstStream(): void {
  const first = liveStreams.value[0]
  if (wallRoute.value === null && route.value === null && first !== undefined) {
    const address = formatRoute(pathOfStream(first.url), defaultVia())
    history.replaceState(null, '', address)
    hash.value = address
  }
}
