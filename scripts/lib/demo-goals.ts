import type { DemoAddresses } from './demo-server.ts'

/** The stream that is published; the others have the name of an engine behind it. */
const STREAM = 'live/livestream'
/** As in conf/demo.conf. */
const ENGINES = ['ld', 'sd'] as const
/** How long a server may take to answer, ms. */
const ANSWER_TIMEOUT_MS = 10_000

/** Something that is to be there. */
export type DemoGoal = Readonly<{
  /** The stream it is about. */
  path: string
  /** What is there, in words; null if it is not (yet). */
  look: () => Promise<string | null>
}>

/** A program of the demo that does not run. */
export type FailingProgram = Readonly<{
  /** What it is, and why it does not run. */
  words: string
  /** The stream that it was to make. */
  makes: string
  /** It won't run before something is changed. */
  isFinal: boolean
}>

type ToldStream = Readonly<{
  url: string
  publish: Readonly<{ active: boolean }>
  video: Readonly<{ codec: string; width: number; height: number }> | null
}>

type ToldProgram = Readonly<{
  kind: string
  name: string
  stream: string
  state: string
  last_error: string | null
}>

/** All that is to be there: three streams on both servers, and HLS of them on the first. */
export function goalsOf(first: DemoAddresses, second: DemoAddresses): DemoGoal[] {
  return ['', ...ENGINES.map((engine) => `_${engine}`)].flatMap((suffix) => {
    const path = `${STREAM}${suffix}`
    return [
      { path, look: () => lookAtStream(first, path, 'is published at') },
      { path, look: () => lookAtStream(second, path, 'is forwarded to') },
      { path, look: async () => ((await hasHls(first, path)) ? `plays by HLS` : null) },
    ]
  })
}

/** Programs that have failed, and don't run. */
export async function failingPrograms(server: DemoAddresses): Promise<FailingProgram[]> {
  const { programs } = await ask<{ programs: readonly ToldProgram[] }>(server, 'programs/?count=100')
  return programs.flatMap(({ kind, name, stream, state, last_error }) =>
    state === 'running' || last_error === null
      ? []
      : [
          {
            // What it wrote last is in the lines behind the first.
            words: `${kind} ${name} of ${stream} is ${state}: ${last_error.split('\n', 1)}`,
            makes: `${stream}_${name}`,
            isFinal: state === 'unavailable' || state === 'failing',
          },
        ],
  )
}

async function lookAtStream(server: DemoAddresses, path: string, words: string): Promise<string | null> {
  const { streams } = await ask<{ streams: readonly ToldStream[] }>(server, 'streams/?count=100')
  const found = streams.find(({ url, publish }) => url === `/${path}` && publish.active)
  const video = found?.video ?? null
  return video === null || video.width === 0
    ? null
    : `${words} ${server.rtmp}, ${video.width} × ${video.height}, ${video.codec}`
}

/** Whether its HLS has a segment. Who asks is a viewer, for whom the server begins to make it. */
async function hasHls(server: DemoAddresses, path: string): Promise<boolean> {
  const master = `${server.http}/${path}.m3u8`
  const address = firstEntry(await readPlaylist(master))
  return address !== null && firstEntry(await readPlaylist(new URL(address, master).href)) !== null
}

async function ask<T>(server: DemoAddresses, question: string): Promise<T> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  const response = await fetch(`${server.api}/api/v1/${question}`, { signal })
  return (await response.json()) as T
}

/** Its text; empty if there is none. */
async function readPlaylist(address: string): Promise<string> {
  const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
  const text = await response.text()
  return response.ok ? text : ''
}

function firstEntry(playlist: string): string | null {
  return playlist.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? null
}
