import { resolve } from 'node:path'
import process from 'node:process'
import { type Logger, redactSecrets, toError } from '../../base/index.ts'
import {
  type Config,
  formatFaults,
  isDirective,
  loadConfig,
  type ProcessSettings,
  type ReloadSource,
  readConfig,
  type ServerSettings,
  settingsOf,
} from '../../control/index.ts'
import { type ReloadPlan, type Server, settingChanges } from '../../server/index.ts'
import type { ConfigSource } from '../config-source.ts'
import { formatReloadPlan } from '../reload-text.ts'
import type { WatchedConfig } from './config-watch.ts'

/** What came of a reload: what was done, or would be done; or everything that is wrong with the configuration, for people. */
export type ConfigReload = Readonly<{ plan: ReloadPlan }> | Readonly<{ faults: string }>

/** What is reloaded, and from where. */
export type ConfigReloaderSetup = Readonly<{
  server: Pick<Server, 'planReload' | 'reload'>
  logger: Logger
  source: ConfigSource
  /** What the process runs with: what of it has changed counts at its next start. */
  running: ProcessSettings
  /** What a configuration says of the process. */
  processOf: (config: Config) => ProcessSettings
}>

/** Reads a running server's configuration again. Settings that can't be used leave the server as it is. */
export class ConfigReloader implements ReloadSource, WatchedConfig {
  readonly #setup: ConfigReloaderSetup
  /** Where the process was when it read the file first, wherever it has gone since (`work_dir`): relative paths count from there. */
  readonly #folder: string
  readonly #path: string | null

  /** To be made before the process changes its folder. */
  constructor(setup: ConfigReloaderSetup, folder: string) {
    this.#setup = setup
    this.#folder = folder
    this.#path = setup.source.path === null ? null : resolve(folder, setup.source.path)
  }

  /**
   * See `WatchedConfig`. Files are read and no more: it is looked for changes again and again, and to make settings of hundreds of virtual
   * hosts holds up all media for some tenths of a second.
   */
  async files(): Promise<ReadonlyMap<string, string>> {
    if (this.#path === null) {
      return new Map()
    }
    const { sources } = await loadConfig(this.#path, { isDirective, cwd: this.#folder })
    return new Map([...sources].map(([name, text]) => [resolve(this.#folder, name), text]))
  }

  /** See `ReloadSource`. */
  plan(): Promise<ConfigReload> {
    return this.#read((settings) => this.#setup.server.planReload(settings))
  }

  /** See `ReloadSource`. What was done, or why nothing was, is in the log, too. */
  async reload(): Promise<ConfigReload> {
    const { server, logger } = this.#setup
    const answer = await this.#read((settings) => server.reload(settings))
    if ('plan' in answer) {
      logger.info({ plan: formatReloadPlan(answer.plan) }, 'configuration reloaded')
    } else {
      logger.warn({ faults: answer.faults }, 'configuration not reloaded: that in force stays')
    }
    return answer
  }

  async #read(use: (settings: ServerSettings) => Promise<ReloadPlan>): Promise<ConfigReload> {
    const { faults, config } = await readConfig(this.#path, process.env, this.#folder)
    if (faults.length > 0) {
      // Without the lines of the file: who may look at the API, or read the log, must not see the password beside a fault.
      return { faults: redactSecrets(formatFaults(faults)) }
    }
    try {
      const { running, processOf } = this.#setup
      const plan = await use(settingsOf(config))
      const atNextStart = settingChanges(running, processOf(config), () => 'at the next start')
      return { plan: { ...plan, atNextStart: [...plan.atNextStart, ...atNextStart] } }
    } catch (error) {
      return { faults: redactSecrets(`${toError(error).message}\n`) }
    }
  }
}
