import {
  type Clock,
  createRelayId,
  createServerIdentity,
  type Logger,
  PithyLogger,
  type ServerIdentity,
  silentLogger,
  systemClock,
} from '../base/index.ts'
import type { ResolvedVhost } from '../control/index.ts'
import { LiveService, StreamRegistry, Vhosts } from '../live/index.ts'
import { ServerAccess } from './access.ts'
import { ProgramAdmission } from './admission.ts'
import { ServerExec } from './exec.ts'
import { ServerForward } from './forward.ts'
import { ServerHooks } from './hooks.ts'
import type { Listeners } from './listeners.ts'
import { type ServerOptions, settingsOf } from './options.ts'
import { rtmpPortOf } from './own-rtmp.ts'
import { ServerPrograms } from './programs.ts'
import { type ServerState, serverStateOf } from './reload/index.ts'
import { type Emit, programEvents } from './server-events.ts'
import { tellAll } from './tell-all.ts'
import { ServerTranscode } from './transcode.ts'

/** The streams of a server, and who decides and is told about their clients. They know no sockets. */
export type LiveParts = Readonly<{
  /** Which server this is. */
  identity: ServerIdentity
  /** What the parts are made with. */
  state: ServerState
  clock: Clock
  logger: Logger
  vhosts: Vhosts<ResolvedVhost>
  registry: StreamRegistry
  hooks: ServerHooks
  forward: ServerForward
  access: ServerAccess
  live: LiveService
  programs: ServerPrograms
  transcode: ServerTranscode
  exec: ServerExec
}>

/**
 * Makes them.
 * @param emit told what becomes of publishers and players
 * @param listeners what is listened on, once there is something
 * @throws ServerError ERR_CONFIGURATION if an option can't be used
 */
export function createLiveParts(options: ServerOptions, emit: Emit, listeners: () => Listeners): LiveParts {
  const clock = options.clock ?? systemClock
  const logger = new PithyLogger(options.logger ?? silentLogger, clock)
  const state = serverStateOf(settingsOf(options), logger)
  const identity = createServerIdentity(state.settings.serverId)
  const relayId = createRelayId()
  const vhosts = new Vhosts(state.vhosts)
  const registry = new StreamRegistry({ vhosts, maxStreams: state.maxStreams, clock, logger })
  const hooks = new ServerHooks({ identity, vhosts, registry, clock, logger })
  const forward = new ServerForward({ registry, vhosts, clock, logger, relayId, hooks })
  const access = new ServerAccess({
    clock,
    logger,
    registry,
    vhosts,
    program: new ProgramAdmission(options.onPublish, options.onPlay),
    hooks: hooks.admission,
    forward: forward.admission,
  })
  const programs = new ServerPrograms({ options: state.programs, listeners, clock, logger })
  const transcode = new ServerTranscode({ registry, vhosts, access, programs, listeners, clock, logger })
  const exec = new ServerExec({
    vhosts,
    programs: programs.supervisor,
    port: () => rtmpPortOf(listeners()),
    clock,
    logger,
  })
  const live = new LiveService({
    registry,
    admission: access.admission,
    events: tellAll([
      hooks.events,
      forward.events,
      transcode.events,
      exec.events,
      programEvents(access.refusals, emit),
    ]),
    logger,
    relayId,
    clock,
  })
  live.mayBeSilent = (request) => transcode.service.mayBeSilent(request)
  return {
    identity,
    state,
    clock,
    logger,
    vhosts,
    registry,
    hooks,
    forward,
    access,
    live,
    programs,
    transcode,
    exec,
  }
}
