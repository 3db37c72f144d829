import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { findRtmpOrigins, mediaBaseOf, type RtmpOrigins } from '../../src/urls.ts'
import { Console } from './data/console.ts'
import { type ConsoleRoute, parseConsoleRoute } from './route.ts'

/** Where the pages of this server are: the folder above the console's. */
export const siteBase: string = new URL('..', document.baseURI.replace(/#.*$/, '')).href

/** The console of this page. */
export const server: Console = new Console(new URL('api/v1/', siteBase).href)

/** What the address bar asks for. */
export const route: Signal<ConsoleRoute> = signal(parseConsoleRoute(location.hash))

/** Where encoders and players connect that don't speak HTTP. */
export const rtmpOrigins: ReadonlySignal<RtmpOrigins> = computed(() =>
  findRtmpOrigins(
    siteBase,
    (server.streams.value ?? []).map((stream) => stream.tcUrl),
    server.ports.value ?? undefined,
  ),
)

/** What the addresses of streams are relative to. */
export const mediaBase: ReadonlySignal<string> = computed(() =>
  mediaBaseOf(siteBase, server.ports.value?.media ?? null),
)
