import { programEndpoints, relayEndpoints } from '../control/index.ts'
import { HlsRoutes, serveFlv } from '../delivery/index.ts'
import type { IngestService } from '../ffmpeg/index.ts'
import { HttpRouter, HttpServer } from '../http/index.ts'
import { JointSupply, type RelayStatus } from '../live/index.ts'
import { ConnectionLimits } from '../net/index.ts'
import { ServerApi } from './api.ts'
import { Certificates } from './certificates.ts'
import { Edge } from './edge.ts'
import type { Endings } from './endings.ts'
import { hookPatienceMs } from './hooks.ts'
import { createIngest } from './ingest.ts'
import { Listeners } from './listeners.ts'
import { createLiveParts, type LiveParts } from './live-parts.ts'
import { Monitoring } from './monitoring.ts'
import { openListener, siteOf } from './open-listener.ts'
import type { ServerOptions } from './options.ts'
import { PublishedFiles } from './published-files.ts'
import { Reloader } from './reload/index.ts'
import { RtmpServer } from './rtmp-server.ts'
import { heartbeatPorts } from './server-address.ts'
import type { Emit } from './server-events.ts'

/** What a server is made of: its streams, and what lets clients and programs at them. */
export type ServerParts = LiveParts &
  Readonly<{
    rtmp: RtmpServer
    rtmps: RtmpServer
    http: HttpServer
    hls: HlsRoutes
    edge: Edge
    ingest: IngestService
    files: PublishedFiles
    monitoring: Monitoring
    api: ServerApi
    listeners: Listeners
    reloader: Reloader
    /** The streams on their way to and from other servers. */
    relays: () => RelayStatus[]
    /** Gives a new client's id, unique in this process. */
    nextClientId: () => string
  }>

/**
 * Makes all of it, and wires it. Nothing is listened on yet.
 * @param emit told what becomes of publishers and players
 * @throws ServerError ERR_CONFIGURATION if an option can't be used
 */
export function createServerParts(options: ServerOptions, emit: Emit): ServerParts {
  const tell: Emit = (event, ...args) => {
    api.tell(event, args[0])
    emit(event, ...args)
  }
  const liveParts = createLiveParts(options, tell, () => listeners)
  const { identity, state, clock, logger, vhosts, registry, hooks, forward, live, programs } = liveParts
  const { refusals } = liveParts.access
  let lastClientId = 0
  const nextClientId = (): string => `c${++lastClientId}`
  const limits = new ConnectionLimits(state.limits, clock)
  const { trusts } = limits
  const rtmpCommon = { live, vhosts, logger, limits, nextClientId }
  const rtmp = new RtmpServer({ ...rtmpCommon, options: state.rtmp })
  const rtmps = new RtmpServer({ ...rtmpCommon, options: state.rtmps })
  const http = new HttpServer({ logger, limits })
  const media = new HttpRouter()
  const mediaCommon = { http: media, live, vhosts, logger, clock, nextClientId }
  serveFlv(mediaCommon)
  const hls = new HlsRoutes({ ...mediaCommon, trusts })
  const edge = new Edge(mediaCommon)
  const ingest = createIngest({
    live,
    vhosts,
    clock,
    logger,
    programs: programs.supervisor,
    access: liveParts.access,
    transcode: liveParts.transcode.service,
    ffmpegLogLevel: () => reloader.programOptions.ffmpegLogLevel,
    utcTime: () => reloader.programOptions.utcTime,
    listeners: () => listeners,
  })
  liveParts.access.isOnDemand = (name) => ingest.supplies(name)
  live.supply = new JointSupply([ingest, edge])
  const files = new PublishedFiles(live, clock, logger)
  const relays = (): RelayStatus[] => [...forward.service.relays, ...edge.relays]
  const monitoring: Monitoring = new Monitoring(
    {
      identity,
      live,
      refusals,
      limits,
      hooks,
      ports: () => heartbeatPorts(listeners),
      refuseFlood: (request) => api.refuseFlood(request),
      logger,
      relays,
      programs: programs.supervisor,
      clock,
    },
    state,
  )
  const api: ServerApi = new ServerApi({
    identity,
    registry,
    clients: live.clients,
    vhosts,
    refusals,
    more: [
      ...monitoring.endpoints,
      ...relayEndpoints(relays),
      ...programEndpoints(() => programs.supervisor.statuses),
    ],
    clock,
    logger,
    trusts,
    listeners: () => listeners,
    settings: state.settings,
  })
  api.mountPublic(media)
  const routers = { media, api: api.router, ownApi: api.ownRouter, exporter: monitoring.router }
  const listeners: Listeners = new Listeners(
    (wanted, credentials) =>
      openListener(
        { rtmp, rtmps, http, siteOf: (each) => siteOf(each, reloader.settings, routers) },
        wanted,
        credentials,
      ),
    logger,
  )
  const reloader: Reloader = new Reloader(
    {
      ...liveParts,
      forward: forward.service,
      transcode: liveParts.transcode.service,
      limits,
      rtmp,
      rtmps,
      hls,
      edge,
      ingest,
      monitoring,
      api,
      listeners,
      certificates: new Certificates(logger, clock),
    },
    state,
  )
  return {
    ...liveParts,
    rtmp,
    rtmps,
    http,
    hls,
    edge,
    ingest,
    files,
    monitoring,
    api,
    listeners,
    reloader,
    relays,
    nextClientId,
  }
}

/**
 * Stops everything: listeners, connections, streams, timers. Resolves when all is gone.
 * @param endings shows what is not yet
 */
export async function closeServerParts(parts: ServerParts, endings: Endings): Promise<void> {
  const patienceMs = hookPatienceMs(parts.reloader.programOptions)
  await endings.endLast(closeAllButHooks(parts, endings), patienceMs, () =>
    endings.wait('hooks', parts.hooks.close()),
  )
}

async function closeAllButHooks(parts: ServerParts, endings: Endings): Promise<void> {
  const { exec, programs } = parts
  const programsEnded = exec.service.close().then(() => programs.supervisor.close())
  const ended = [
    endings.wait('files that are published', parts.files.close()),
    endings.wait('ingests', parts.ingest.close()),
    endings.wait('transcoding', parts.transcode.service.close()),
    endings.wait('programs', programsEnded),
  ]
  const reloaded = endings.wait('a reload', parts.reloader.close())
  parts.listeners.stop()
  parts.hls.close()
  parts.registry.close()
  parts.access.close()
  parts.monitoring.close()
  parts.rtmp.close()
  parts.rtmps.close()
  await reloaded
  await Promise.all([
    endings.wait('HTTP', parts.http.close()),
    endings.wait('listeners and their connections', parts.listeners.close()),
    endings.wait('forwarding', parts.forward.service.close()),
    endings.wait('relays', parts.edge.close()),
    ...ended,
  ])
}
