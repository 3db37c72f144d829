import type { ComponentChildren, JSX } from 'preact'
import type { PlaybackFailure } from '../players/player.ts'
import { formatRoute, labelOf, VIA_NAMES } from '../route.ts'
import type { Selection } from '../session.ts'
import { listRefusal, pageBase, selection, session } from '../store.ts'
import { Icon, type IconName } from './icons.tsx'
import { LockedList, lockedTitle } from './locked-list.tsx'
import { PublishSteps } from './publish-hint.tsx'

/** What is said in the place of the picture while there is none: what goes on, and what the viewer can do. */
export function Overlay(): JSX.Element | null {
  const { state, reason, failure, needsGesture } = session.view.value
  const selected = selection.value
  if (needsGesture) {
    return (
      <div class="overlay">
        <button type="button" class="big-play" aria-label="Play" onClick={() => session.togglePause()}>
          <Icon name="play" />
        </button>
      </div>
    )
  }
  if (state === 'playing') {
    return null
  }
  if (reason === 'unreachable') {
    return <Unreachable />
  }
  if (selected === null && listRefusal.value !== null) {
    return (
      <div class="overlay overlay-welcome">
        <Icon name="lock" />
        <h2>{lockedTitle()}</h2>
        <LockedList />
      </div>
    )
  }
  if (selected === null) {
    return state === 'waiting' ? <NothingLive /> : <Busy title="Looking for live streams" />
  }
  switch (reason) {
    case 'off-air':
      return (
        <Message icon="antenna" title="Waiting for the publisher">
          <p>{labelOf(selected.path)} is not live right now. It plays here by itself as soon as it is.</p>
        </Message>
      )
    case 'unsupported':
      return <Unsupported selected={selected} failure={failure} />
    case 'refused':
      return (
        <Message icon="warning" title="The server refused this stream" alert>
          <p>
            It answered {failure?.status}. The address may need a token, or may be for other viewers only.
          </p>
          <Actions selected={selected} />
        </Message>
      )
    case 'failing':
      return (
        <Message icon="warning" title={`${VIA_NAMES[selected.via]} does not get through`} alert>
          <p>
            {listRefusal.value === null ? 'The stream is on air, but' : 'It may not be on air:'}{' '}
            {failure?.detail ?? 'nothing arrives'}. The page keeps trying.
          </p>
          <Actions selected={selected} />
        </Message>
      )
    case 'buffering':
      return <Busy title="Buffering" />
    default:
      return <Busy title="Connecting" />
  }
}

function NothingLive(): JSX.Element {
  return (
    <div class="overlay overlay-welcome">
      <Icon name="antenna" />
      <h2>Nothing is live yet</h2>
      <p class="muted">Publish with OBS, FFmpeg or any RTMP encoder, and it plays here.</p>
      <PublishSteps />
    </div>
  )
}

function Unreachable(): JSX.Element {
  return (
    <Message icon="warning" title="The server is out of reach" alert>
      <p>
        Check that it runs and that this device can reach {new URL(pageBase).host}. The page keeps trying.
      </p>
    </Message>
  )
}

function Unsupported({
  selected,
  failure,
}: {
  selected: Selection
  failure: PlaybackFailure | null
}): JSX.Element {
  const codec = failure?.codec ?? null
  if (codec !== null) {
    return (
      <Message icon="warning" title={`This browser cannot play ${codec}`} alert>
        <p>
          Try another browser or device, or open the RTMP address in a player such as VLC. Published as H.264
          with yuv420p, it plays everywhere.
        </p>
      </Message>
    )
  }
  const advice =
    selected.via === 'hls'
      ? 'Try another browser, or open the RTMP address in a player such as VLC.'
      : 'HLS may work; every phone can play it.'
  return (
    <Message icon="warning" title={`This browser cannot play it by ${VIA_NAMES[selected.via]}`} alert>
      <p>
        {advice} <span class="failure-detail">({failure?.detail})</span>
      </p>
      <Actions selected={selected} retry={false} />
    </Message>
  )
}

function Actions(props: { selected: Selection; retry?: boolean }): JSX.Element {
  const { path, via } = props.selected
  const other = via === 'hls' ? 'flv' : 'hls'
  return (
    <div class="actions">
      {props.retry !== false && (
        <button type="button" class="button" onClick={() => session.retry()}>
          Try again
        </button>
      )}
      <a class="button" href={formatRoute(path, other)}>
        Play by {VIA_NAMES[other]}
      </a>
    </div>
  )
}

function Busy({ title }: { title: string }): JSX.Element {
  return (
    <div class="overlay overlay-busy" role="status">
      <span class="spinner" aria-hidden="true" />
      <p class="overlay-title">{title}</p>
    </div>
  )
}

function Message(props: {
  icon: IconName
  title: string
  alert?: boolean
  children: ComponentChildren
}): JSX.Element {
  return (
    <div class="overlay" role={props.alert ? 'alert' : 'status'}>
      <div class="message">
        <Icon name={props.icon} />
        <p class="overlay-title">{props.title}</p>
        {props.children}
      </div>
    </div>
  )
}
