import type { ResolvedVhost } from '../../control/index.ts'
import type { ForwardChange } from '../../delivery/index.ts'
import type { ExecChange, IngestChange, TranscodeChange } from '../../ffmpeg/index.ts'
import { type Stream, Vhosts } from '../../live/index.ts'
import { formatListenAddress, type TlsCredentials } from '../../net/index.ts'
import type { CredentialsOf, ListenerChanges, RunningListener } from '../listeners.ts'
import type { WantedListener } from '../wanted-listeners.ts'
import { cutClients } from './cut-clients.ts'
import { effectOf } from './effects.ts'
import { namePrograms } from './name-programs.ts'
import type { ReloadPlan, ReloadStep } from './reload-plan.ts'
import type { ServerState } from './server-state.ts'
import { settingChanges } from './setting-changes.ts'

/** What a reload goes from, and what it goes over into. */
export type ReloadScene = Readonly<{
  before: ServerState
  after: ServerState
  /** What becomes of the listeners. */
  listeners: ListenerChanges
  /** The certificates that listeners are to use. */
  credentialsOf: CredentialsOf
  /** The streams there are now. */
  streams: readonly Stream[]
  /** What becomes of the streams' ways to other servers. */
  forwards: readonly ForwardChange[]
  /** What becomes of what is published here by this server itself. */
  ingests: readonly IngestChange[]
  /** What becomes of what FFmpeg makes of streams. */
  transcodes: readonly TranscodeChange[]
  /** What becomes of programs that run for streams. */
  execs: readonly ExecChange[]
}>

/** What a reload would do at this moment. */
export function planReload(scene: ReloadScene): ReloadPlan {
  const { before, after, listeners, credentialsOf, streams, forwards, ingests, transcodes, execs } = scene
  return {
    steps: [
      ...listenerSteps(listeners, before, after),
      ...certificateSteps(listeners, credentialsOf),
      ...vhostSteps(before.vhosts, after.vhosts),
      ...forwards.map(forwardStep),
      ...ingests.map(ingestStep),
      ...transcodes.map(transcodeStep),
      ...execs.map(execStep),
      ...(['rtmp', 'rtmps'] as const)
        .filter((name) => before.settings[name] !== undefined || after.settings[name] !== undefined)
        .map((name) => partStep(`clients of ${name.toUpperCase()}`, before[name], after[name])),
      partStep('connections', before.limits, after.limits),
      partStep('access to the API', before.apiAccess, after.apiAccess),
      partStep('hooks', liveDelivery(before), liveDelivery(after)),
      partStep('heartbeats', before.heartbeat ?? {}, after.heartbeat ?? {}),
      partStep('metrics', before.metrics, after.metrics),
      partStep('measurements of the machine', before.stats, after.stats),
      partStep('programs', before.programs, after.programs),
      partStep('streams', { maxStreams: before.maxStreams }, { maxStreams: after.maxStreams }),
    ],
    cut: cutClients(streams, new Vhosts(after.vhosts)),
    atNextStart: settingChanges(fixedSettings(before), fixedSettings(after), () => 'at the next start'),
  }
}

function listenerSteps(
  { keep, open, close }: ListenerChanges,
  before: ServerState,
  after: ServerState,
): ReloadStep[] {
  const kept = keep.map(({ running, wanted }) =>
    partStep(nameOf(wanted), viewOf(running.wanted, before), viewOf(wanted, after)),
  )
  const replaced = new Map<WantedListener, RunningListener>()
  for (const wanted of open) {
    const former = close.find((running) => placeOf(running.wanted) === placeOf(wanted))
    if (former !== undefined) {
      replaced.set(wanted, former)
    }
  }
  const opened = open.map((wanted): ReloadStep => {
    const former = replaced.get(wanted)
    if (former === undefined) {
      return { component: nameOf(wanted), action: 'add', changes: [] }
    }
    const changes = settingChanges(viewOf(former.wanted, before), viewOf(wanted, after), effectOf)
    return { component: nameOf(wanted), action: 'restart', changes }
  })
  const gone = close.filter((running) => ![...replaced.values()].includes(running))
  const closed = gone.map(
    ({ wanted }): ReloadStep => ({ component: nameOf(wanted), action: 'remove', changes: [] }),
  )
  return [...kept, ...opened, ...closed]
}

/** What can be seen of a listener: of what is served there, the settings that say it. */
function viewOf({ purposes, options }: WantedListener, { settings }: ServerState): object {
  const { backlog, proxyProtocol, tlsHandshakeTimeoutMs, ipv6Only } = options
  const groups = { ...settings, api: settings.api === false ? undefined : settings.api }
  const served = (['http', 'https', 'api', 'apiHttps'] as const)
    .filter((purpose) => purposes.includes(purpose))
    .map((purpose) => {
      const { page = true, crossOrigin = true, ...more } = groups[purpose] ?? {}
      return [purpose, { page, crossOrigin, root: 'root' in more ? more.root : null }] as const
    })
  return {
    purposes: purposes.join('+'),
    backlog,
    proxyProtocol,
    tlsHandshakeTimeoutMs,
    ipv6Only,
    mode: 'mode' in options ? options.mode : undefined,
    ...Object.fromEntries(served),
  }
}

/** e.g. 'listener 127.0.0.1:1935 (RTMP)'. */
function nameOf({ options, name }: WantedListener): string {
  return `listener ${formatListenAddress(options)} (${name})`
}

/** Two listeners of the same place can't be there at once; of port 0 each is another place. */
function placeOf({ protocol, options, purposes }: WantedListener): string {
  const isFree = 'port' in options && options.port === 0
  return `${protocol} ${formatListenAddress(options)} ${isFree ? purposes : ''}`
}

/** Certificates of listeners that stay, each once. */
function certificateSteps({ keep }: ListenerChanges, credentialsOf: CredentialsOf): ReloadStep[] {
  const steps = new Map<string, ReloadStep>()
  for (const { running, wanted } of keep) {
    const [before, after] = [running.credentials, credentialsOf(wanted)]
    if (before !== null && after !== null) {
      const component = `certificate of ${wanted.name}`
      const isSame = before.cert === after.cert && before.key === after.key
      const change = {
        setting: 'certificate',
        before: describe(before),
        after: describe(after),
        effect: effectOf('certificate'),
      }
      steps.set(component, {
        component,
        action: isSame ? 'keep' : 'update',
        changes: isSame ? [] : [change],
      })
    }
  }
  return [...steps.values()]
}

function describe({ subject, validTo }: TlsCredentials): string {
  return `${subject}, valid to ${validTo.toISOString()}`
}

function vhostSteps(before: readonly ResolvedVhost[], after: readonly ResolvedVhost[]): ReloadStep[] {
  const names = new Set([...before, ...after].map(({ name }) => name))
  return [...names].map((name): ReloadStep => {
    const component = `virtual host ${name}`
    const [former, next] = [before, after].map((vhosts) => vhosts.find((vhost) => vhost.name === name))
    if (former === undefined || next === undefined) {
      return { component, action: former === undefined ? 'add' : 'remove', changes: [] }
    }
    return partStep(component, namePrograms(former), namePrograms(next))
  })
}

/** What counts only when the process is started anew. */
function fixedSettings({ settings: { serverId }, hookDelivery: { folder } }: ServerState): object {
  return { serverId, hookDelivery: { folder } }
}

/** How hooks are called, but for what counts only when the process is started anew. */
function liveDelivery({ hookDelivery: { folder: _atNextStart, ...live } }: ServerState): object {
  return live
}

function execStep({ stream, program, action }: ExecChange): ReloadStep {
  return { component: `exec of ${program} for ${stream}`, action, changes: [] }
}

function forwardStep({ stream, destination, action }: ForwardChange): ReloadStep {
  return { component: `forward of ${stream} to ${destination}`, action, changes: [] }
}

function ingestStep({ vhost, id, output, action }: IngestChange): ReloadStep {
  return { component: `ingest ${id} of ${vhost} to ${output}`, action, changes: [] }
}

function transcodeStep({ stream, engine, action }: TranscodeChange): ReloadStep {
  return { component: `transcode of ${stream} by ${engine}`, action, changes: [] }
}

function partStep(component: string, before: object, after: object): ReloadStep {
  const changes = settingChanges(before, after, effectOf)
  return { component, action: changes.length === 0 ? 'keep' : 'update', changes }
}
