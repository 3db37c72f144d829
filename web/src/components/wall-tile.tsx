import { effect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { formatSeconds, formatSize, formatVideoCodec, UNKNOWN } from '../format.ts'
import type { PlaybackReason } from '../playback-state.ts'
import { defaultVia } from '../players/load-player.ts'
import { formatRoute, labelOf, type Via } from '../route.ts'
import { Session } from '../session.ts'
import { ownServer } from '../store.ts'
import type { WatchedServer } from '../watched-server.ts'
import { useSeen } from './hooks.ts'

const TEXTS: Readonly<Record<PlaybackReason, string>> = {
  'no-selection': '',
  starting: 'Connecting',
  buffering: 'Buffering',
  'on-air': '',
  'off-air': 'Waiting for the publisher',
  unreachable: 'Server out of reach',
  unsupported: 'This browser cannot play it',
  refused: 'The server refused it',
  failing: 'It does not get through',
}

/** A stream on the wall: it plays without sound while it can be seen, and leads to the page that plays it alone. */
export function WallTile({ server, path }: { server: WatchedServer; path: string }): JSX.Element {
  const tileRef = useRef<HTMLLIElement>(null)
  const videoRef = useRef<HTMLVideoElement>(null)
  const stillRef = useRef<HTMLCanvasElement>(null)
  const session = useMemo(() => new Session(() => server.mediaBase.value, { soundless: true }), [server])
  const seen = useSeen(tileRef)
  useLayoutEffect(() => {
    const video = videoRef.current
    const still = stillRef.current
    return video === null || still === null ? undefined : session.attach(video, still)
  }, [session])
  useEffect(
    () =>
      effect(() => {
        session.select(seen.value ? { path, via: wallVia() } : null)
        // After it: what was known of another selection is forgotten with it.
        session.inform(server.reachable.value, server.find(path))
      }),
    [session, seen, server, path],
  )

  const { state, reason, needsGesture } = session.view.value
  const text = needsGesture ? 'Open it to play it' : TEXTS[reason]
  const address = formatRoute(path, defaultVia())
  return (
    <li ref={tileRef} class="wall-tile" data-path={path} data-state={seen.value ? state : 'resting'}>
      <a href={server === ownServer ? address : `${server.base}${address}`}>
        <div class="wall-picture">
          <canvas ref={stillRef} class="still" width={0} height={0} />
          <video ref={videoRef} muted playsInline tabIndex={-1} />
          {text !== '' && <p class="wall-text">{text}</p>}
        </div>
        <div class="wall-caption">
          <span class="dot" aria-hidden="true" />
          <span class="wall-name">{labelOf(path)}</span>{' '}
          <Details session={session} server={server} path={path} />
        </div>
      </a>
    </li>
  )
}

/** Size, codec and how far behind. */
function Details(props: { session: Session; server: WatchedServer; path: string }): JSX.Element {
  const info = props.server.find(props.path)
  const stats = props.session.stats.value
  const isPlaying = props.session.view.value.state === 'playing'
  const decoded = stats.width > 0
  const size = decoded
    ? formatSize(stats.width, stats.height)
    : formatSize(info?.video?.width ?? 0, info?.video?.height ?? 0)
  const isSound = info !== undefined && info.video === null && info.audio !== null
  return (
    <span class="wall-details">
      <span data-detail="size">{isSound ? 'sound only' : size}</span>
      <span data-detail="codec">{formatVideoCodec(info?.video ?? null) || UNKNOWN}</span>
      <span data-detail="lag" title="Behind the newest that has arrived">
        {isPlaying && stats.latencySeconds !== null
          ? `${formatSeconds(stats.latencySeconds)} behind`
          : UNKNOWN}
      </span>
    </span>
  )
}

/**
 * FLV costs a server least, and over a WebSocket: a browser opens six connections for HTTP to a server at most, and the seventh
 * picture would wait for ever.
 */
function wallVia(): Via {
  return defaultVia() === 'hls' ? 'hls' : 'ws'
}
