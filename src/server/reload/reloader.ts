import { ClosedError, type Logger, silentLogger, toError } from '../../base/index.ts'
import type { HookDeliveryOptions, ResolvedVhost, ServerSettings } from '../../control/index.ts'
import type { IngestService, ProgramOptions, TranscodeService } from '../../ffmpeg/index.ts'
import { Vhosts } from '../../live/index.ts'
import type { ConnectionLimits } from '../../net/index.ts'
import type { ServerAccess } from '../access.ts'
import type { ServerApi } from '../api.ts'
import type { Certificates } from '../certificates.ts'
import type { ServerExec } from '../exec.ts'
import type { ServerHooks } from '../hooks.ts'
import type { CredentialsOf, ListenerChanges, Listeners, PreparedListeners } from '../listeners.ts'
import type { Monitoring } from '../monitoring.ts'
import type { ServerPrograms } from '../programs.ts'
import type { RtmpServer } from '../rtmp-server.ts'
import { updateVhosts, type VhostUsers } from '../vhosts.ts'
import { planReload } from './plan-reload.ts'
import type { ReloadPlan } from './reload-plan.ts'
import { callsOthers, type ServerState, serverStateOf } from './server-state.ts'

/** The parts of a server that take other settings while it runs. */
export type ReloadableParts = Readonly<{
  /** What is listened on. */
  listeners: Listeners
  /** What TLS listeners show. */
  certificates: Certificates
  /** Who may publish and play. */
  access: ServerAccess
  /** HTTP hooks. */
  hooks: ServerHooks
  /** Who may use the API. */
  api: ServerApi
  /** How it does. */
  monitoring: Monitoring
  /** How many may connect. */
  limits: ConnectionLimits
  /** The virtual hosts, which everybody looks up there. */
  vhosts: Vhosts<ResolvedVhost>
  /** The streams. */
  registry: VhostUsers['registry']
  /** Viewers of HLS. */
  hls: VhostUsers['hls']
  /** What virtual hosts that are edges pull and push. */
  edge: VhostUsers['edge']
  /** What virtual hosts say is published here. */
  ingest: IngestService
  /** Streams on their way to other servers. */
  forward: VhostUsers['forward']
  /** Programs that run for streams. */
  exec: ServerExec
  /** FFmpeg, and other programs beside it. */
  programs: ServerPrograms
  /** Streams that FFmpeg makes of others. */
  transcode: TranscodeService
  /** Clients of RTMP. */
  rtmp: RtmpServer
  /** Clients of RTMPS. */
  rtmps: RtmpServer
  /** Told what was reloaded, and why something was not. */
  logger: Logger
}>

/** What was read, and waits to come into force. */
type Preparation = Readonly<{
  after: ServerState
  credentialsOf: CredentialsOf
  useRules: () => void
  useHooks: () => void
  useApi: () => void
  listeners: ListenerChanges
}>

/**
 * Takes a server from one state into another, as one: what can fail is done first, then everything changes within one turn of the
 * event loop. One reload comes after the other.
 */
export class Reloader {
  readonly #parts: ReloadableParts
  #state: ServerState
  #queue: Promise<unknown> = Promise.resolve()
  #closed = false

  /** @param state what the parts were made with; they listen to nothing yet */
  constructor(parts: ReloadableParts, state: ServerState) {
    this.#parts = parts
    this.#state = state
  }

  /** The settings in force. */
  get settings(): ServerSettings {
    return this.#state.settings
  }

  /** How programs are run, by the settings in force. */
  get programOptions(): ProgramOptions {
    return this.#state.programs
  }

  /** How hooks are called, by the settings in force. */
  get hookDelivery(): HookDeliveryOptions {
    return this.#state.hookDelivery
  }

  /** Whether others are called by HTTP, by the settings in force; see `callsOthers`. */
  get callsOthers(): boolean {
    return callsOthers(this.#state)
  }

  /**
   * Opens the listeners, all or none.
   * @throws ServerError ERR_LISTEN, ERR_CERTIFICATE or ERR_CONFIGURATION; ClosedError if it is closed meanwhile
   */
  start(): Promise<void> {
    return this.#enqueue(async () => {
      const preparation = await this.#prepare(this.#state)
      const { commit } = await this.#prepareListeners(preparation)
      preparation.useRules()
      preparation.useApi()
      commit()
      this.#parts.monitoring.use(this.#state)
      this.#parts.ingest.start()
      this.#parts.programs.look(this.#state.vhosts)
    })
  }

  /**
   * What a reload to these settings would do; nothing is changed. Ports that are not free are not found out.
   * @throws ServerError ERR_CERTIFICATE or ERR_CONFIGURATION if they can't be used
   */
  plan(settings: ServerSettings): Promise<ReloadPlan> {
    return this.#enqueue(async () =>
      this.#describe(await this.#prepare(serverStateOf(settings, silentLogger))),
    )
  }

  /**
   * Goes over to these settings, or stays as it is.
   * @returns what was done
   * @throws ServerError ERR_LISTEN, ERR_CERTIFICATE or ERR_CONFIGURATION; then nothing was changed
   */
  reload(settings: ServerSettings): Promise<ReloadPlan> {
    return this.#enqueue(async () => {
      const { logger } = this.#parts
      try {
        const preparation = await this.#prepare(serverStateOf(settings, logger))
        const { commit } = await this.#prepareListeners(preparation)
        // From here to the end everything is synchronous, so that the plan says who is cut in fact.
        const plan = this.#describe(preparation)
        this.#commit(preparation, commit)
        const changed = plan.steps.filter(({ action }) => action !== 'keep').length
        logger.info({ changed, disconnected: plan.cut.length }, 'reloaded')
        return plan
      } catch (error) {
        logger.warn({ reason: toError(error).message }, 'not reloaded: everything is as it was')
        throw error
      }
    })
  }

  /**
   * Reads the certificates in use anew, or leaves them all.
   * @throws ServerError ERR_CERTIFICATE, logged as well
   */
  reloadCertificates(): Promise<void> {
    return this.#enqueue(async () => {
      const { listeners, certificates, logger } = this.#parts
      const wanted = listeners.running.map((running) => running.wanted)
      try {
        const credentialsOf = await certificates.load(wanted)
        listeners.useCredentials(credentialsOf)
        certificates.tell(wanted, credentialsOf)
      } catch (error) {
        logger.warn({ reason: toError(error).message }, 'certificates not reloaded, those in use stay')
        throw error
      }
    })
  }

  /** Nothing is reloaded any more; resolves when what is under way is over. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#queue
  }

  async #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => {
      if (this.#closed) {
        throw closedError()
      }
      return work()
    })
    this.#queue = done.catch(() => {})
    return await done
  }

  async #prepare(after: ServerState): Promise<Preparation> {
    const { certificates, access, api, hooks, listeners } = this.#parts
    const credentialsOf = await certificates.load(after.listeners)
    const useRules = await access.prepare(after.vhosts)
    const useApi = await api.prepare(after)
    const useHooks = await hooks.prepare(after.hookDelivery, callsOthers(after))
    const changes = listeners.planChanges(after.listeners)
    return { after, credentialsOf, useRules, useApi, useHooks, listeners: changes }
  }

  /** @throws ClosedError if there is to be no change any more; then everything is as it was */
  async #prepareListeners({ listeners, credentialsOf }: Preparation): Promise<PreparedListeners> {
    const prepared = await this.#parts.listeners.prepare(listeners, credentialsOf)
    if (this.#closed) {
      await prepared.rollback()
      throw closedError()
    }
    return prepared
  }

  #describe({ after, credentialsOf, listeners }: Preparation): ReloadPlan {
    const { registry, forward, ingest, transcode, exec } = this.#parts
    const next = new Vhosts(after.vhosts)
    return planReload({
      before: this.#state,
      after,
      listeners,
      credentialsOf,
      streams: registry.streams,
      forwards: forward.plan(next),
      ingests: ingest.plan(after.vhosts),
      transcodes: transcode.plan(next),
      execs: exec.service.plan(next),
    })
  }

  #commit(
    { after, credentialsOf, useRules, useApi, useHooks, listeners }: Preparation,
    commitListeners: () => void,
  ): void {
    const {
      limits,
      vhosts,
      registry,
      hls,
      forward,
      rtmp,
      rtmps,
      edge,
      ingest,
      transcode,
      certificates,
      programs,
      exec,
    } = this.#parts
    const renewed = listeners.keep.filter(
      ({ running, wanted }) => running.credentials?.cert !== credentialsOf(wanted)?.cert,
    )
    this.#state = after
    this.#parts.monitoring.use(after)
    useRules()
    useHooks()
    useApi()
    limits.useOptions(after.limits)
    programs.supervisor.useOptions(after.programs)
    rtmp.useOptions(after.rtmp)
    rtmps.useOptions(after.rtmps)
    const users = { registry, hls, forward, exec: exec.service, rtmp: [rtmp, rtmps], edge }
    updateVhosts(vhosts, after.vhosts, users, after.maxStreams)
    commitListeners()
    // Where FFmpeg reads and publishes is known when the ports are.
    ingest.update()
    transcode.update()
    programs.look(after.vhosts)
    certificates.tell(
      renewed.map(({ wanted }) => wanted),
      credentialsOf,
    )
  }
}

function closedError(): ClosedError {
  return new ClosedError('the server is closing')
}
