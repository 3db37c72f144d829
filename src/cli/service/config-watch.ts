import { createHash } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Logger, toError } from '../../base/index.ts'

/** Changes that come one soon after the other are one: an editor writes a file in several steps, and a person several files, ms. */
export const CONFIG_QUIET_MS = 300

/** However long they go on: so long after the first it is looked, ms. */
export const MAX_CONFIG_DELAY_MS = 2_000

/** Network file systems tell nothing, and a folder that was removed and made again is another one: so often it is looked anyhow, ms. */
export const CONFIG_LOOK_INTERVAL_MS = 10_000

/** A configuration that can be read again and again. */
export interface WatchedConfig {
  /** The texts of its files as they are now, by absolute paths. Never throws: what can't be read is not among them. */
  files(): Promise<ReadonlyMap<string, string>>
  /** Takes it over, or tells why not. Never throws. */
  reload(): Promise<unknown>
}

/** How a configuration is watched. */
export type ConfigWatchSetup = Readonly<{
  config: WatchedConfig
  /** The texts that are in force, in their order. */
  inForce: Iterable<string>
  logger: Logger
  /** Default `CONFIG_QUIET_MS`. */
  quietMs?: number
  /** Default `CONFIG_LOOK_INTERVAL_MS`. */
  lookIntervalMs?: number
}>

/**
 * Reloads a configuration when what its files say has changed. It is told by the system of changes in their folders, and in those that links
 * lead to: files are replaced rather than written by many editors, and by Kubernetes, which moves a link to a whole folder. Whether they
 * mean anything is seen by the texts: logs may be written to the same folder.
 */
export class ConfigWatch {
  readonly #setup: ConfigWatchSetup
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #interval: NodeJS.Timeout
  #digest: string
  #quiet: NodeJS.Timeout | undefined
  #firstChangeAt: number | null = null
  #looking: Promise<void> = Promise.resolve()
  #isTold = false
  #closed = false

  /** Begins. It keeps no process running. */
  constructor(setup: ConfigWatchSetup) {
    this.#setup = setup
    this.#digest = digestOf(setup.inForce)
    this.#interval = setInterval(() => this.#look(), setup.lookIntervalMs ?? CONFIG_LOOK_INTERVAL_MS)
    this.#interval.unref()
    // It may have changed since it was read.
    this.#look()
  }

  /** Ends the watch; resolves when nothing is reloaded any more. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#interval)
    clearTimeout(this.#quiet)
    this.#watchOnly(new Set())
    await this.#looking
  }

  #onChange(): void {
    const now = performance.now()
    this.#firstChangeAt ??= now
    const untilLatest = this.#firstChangeAt + MAX_CONFIG_DELAY_MS - now
    clearTimeout(this.#quiet)
    const quietMs = this.#setup.quietMs ?? CONFIG_QUIET_MS
    this.#quiet = setTimeout(() => this.#look(), Math.max(0, Math.min(quietMs, untilLatest)))
    this.#quiet.unref()
  }

  #look(): void {
    this.#firstChangeAt = null
    this.#looking = this.#looking.then(() => this.#lookNow())
  }

  async #lookNow(): Promise<void> {
    if (this.#closed) {
      return
    }
    const { config, logger } = this.#setup
    const files = await config.files()
    const folders = await foldersOf([...files.keys()])
    if (this.#closed) {
      return
    }
    // While a file is being replaced there may be none: then the folders are those of before.
    if (files.size > 0) {
      this.#watchOnly(folders)
    }
    const digest = digestOf(files.values())
    if (files.size > 0 && digest !== this.#digest) {
      this.#digest = digest
      logger.info({ files: [...files.keys()] }, 'the configuration has changed: it is read again')
      await config.reload()
    }
  }

  #watchOnly(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (!folders.has(folder)) {
        this.#watchers.delete(folder)
        watcher.close()
      }
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) {
        this.#watch(folder)
      }
    }
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#onChange())
      watcher.on('error', (error) => this.#onTrouble(folder, error))
      this.#watchers.set(folder, watcher)
    } catch (error) {
      this.#onTrouble(folder, toError(error))
    }
  }

  /** The system has no more watches to give, or the folder is gone. It is still looked from time to time. */
  #onTrouble(folder: string, { message }: Error): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
    if (!this.#isTold) {
      this.#isTold = true
      const { logger, lookIntervalMs: everyMs = CONFIG_LOOK_INTERVAL_MS } = this.#setup
      logger.warn(
        { folder, reason: message, everyMs },
        'changes of the configuration are not told here: it is looked for them from time to time',
      )
    }
  }
}

/** The folders of files, and those of the files that links among them lead to. */
async function foldersOf(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => path)))
  return new Set([...paths, ...real].map((path) => dirname(path)))
}

function digestOf(texts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const text of texts) {
    hash.update(`${Buffer.byteLength(text)} `).update(text)
  }
  return hash.digest('hex')
}
