import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FaultList } from './fault-list.ts'
import { findIncluded, type NamedFile } from './include-paths.ts'
import { type ConfigLimits, DEFAULT_CONFIG_LIMITS } from './limits.ts'
import { LineMap } from './line-map.ts'
import { type ParseOptions, parseStatements } from './parse-statements.ts'
import { readText } from './read-text.ts'
import type { ConfigFault, Place, Statement } from './statement.ts'

/** How a configuration is loaded. */
export type LoadOptions = Partial<ConfigLimits> &
  Pick<ParseOptions, 'isDirective'> &
  Readonly<{
    /** What relative paths count from. Default: the working directory. */
    cwd?: string
  }>

/** What a configuration file and those it includes say. */
export type LoadedConfig = Readonly<{
  /** What could be read; the statements of included files stand in the place of their `include`. */
  statements: readonly Statement[]
  /** What is wrong, file by file; empty if all is well. */
  faults: readonly ConfigFault[]
  /** The texts of the files that were read, by the names that places have; the file that was asked for is the first. */
  sources: ReadonlyMap<string, string>
}>

/**
 * Loads a configuration file and what it includes. Never throws: what is wrong with the files is told in `faults`.
 * @param path as the user named it; places name it in the same way
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  return new ConfigLoader(options).load(path)
}

/** A file that is being read, and where it was included. */
type OpenFile = NamedFile & Readonly<{ realPath: string }>

class ConfigLoader {
  readonly #options: LoadOptions
  readonly #limits: ConfigLimits
  readonly #cwd: string
  readonly #faults: FaultList
  readonly #sources = new Map<string, string>()
  /** The file that is being read, behind those that include it. */
  readonly #chain: OpenFile[] = []
  #files = 0
  #bytes = 0
  #count = 0
  #stopped = false

  constructor(options: LoadOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_CONFIG_LIMITS, ...options }
    this.#cwd = resolve(options.cwd ?? '.')
    this.#faults = new FaultList(this.#limits.maxConfigFaults)
  }

  async load(path: string): Promise<LoadedConfig> {
    const file = { name: path, path: resolve(this.#cwd, path) }
    const statements = await this.#loadFile(file, null, 0)
    return { statements, faults: this.#faults.faults, sources: this.#sources }
  }

  /** @param place of the `include`; null for the file that was asked for */
  async #loadFile(file: NamedFile, place: Place | null, depth: number): Promise<readonly Statement[]> {
    const start = { file: file.name, line: 1, column: 1 }
    const realPath = await realpath(file.path).catch(() => file.path)
    if (this.#isCyclic(realPath, file.name, place) || !this.#countFile(place ?? start)) {
      return []
    }
    const outcome = await this.#read(file, place ?? start)
    if (outcome === null) {
      return []
    }
    this.#sources.set(file.name, outcome)
    const { statements, faults } = parseStatements(outcome, file.name, {
      ...this.#options,
      outerBlocks: depth,
    })
    for (const fault of faults) {
      this.#faults.add(fault.place, fault.message)
    }
    this.#chain.push({ ...file, realPath })
    const included = await this.#include(statements, depth)
    this.#chain.pop()
    return included
  }

  /** The text of a file; null if there is none, which is told. */
  async #read(file: NamedFile, place: Place): Promise<string | null> {
    const { maxConfigFileBytes, maxConfigBytes } = this.#limits
    const left = maxConfigBytes - this.#bytes
    const outcome =
      left < maxConfigFileBytes
        ? await readText(file.path, left, 'what maxConfigBytes leaves')
        : await readText(file.path, maxConfigFileBytes, 'maxConfigFileBytes')
    if (outcome.problem === null) {
      this.#bytes += outcome.bytes
      return outcome.text
    }
    const { before, problem } = outcome
    const inside = before === null ? null : new LineMap(before, file.name).placeOf(before.length)
    this.#faults.add(inside ?? place, `${file.name} ${problem}`)
    return null
  }

  /** Puts what is included in the place of each `include`. */
  async #include(statements: readonly Statement[], depth: number): Promise<readonly Statement[]> {
    const result: Statement[] = []
    for (const statement of statements) {
      if (this.#stopped || this.#faults.isFull) {
        break
      }
      const { name, block } = statement
      if (name === 'include') {
        result.push(...(await this.#loadIncluded(statement, depth)))
      } else if (this.#countStatement(statement)) {
        result.push(
          block === null ? statement : { ...statement, block: await this.#include(block, depth + 1) },
        )
      }
    }
    return result
  }

  async #loadIncluded({ place, args, block }: Statement, depth: number): Promise<Statement[]> {
    const including = this.#chain.at(-1)
    if (args.length === 0 || block !== null || including === undefined) {
      const found = block === null ? 'none is given' : 'a block is given'
      this.#faults.add(place, `'include' needs the paths of files, then ';': ${found}`)
      return []
    }
    const result: Statement[] = []
    for (const argument of args) {
      for (const file of await findIncluded(argument.text, including, this.#cwd)) {
        if (this.#stopped || this.#faults.isFull) {
          return result
        }
        result.push(...(await this.#loadFile(file, argument.place, depth)))
      }
    }
    return result
  }

  #isCyclic(realPath: string, name: string, place: Place | null): boolean {
    const first = this.#chain.findIndex((open) => open.realPath === realPath)
    if (first < 0) {
      return false
    }
    const chain = [...this.#chain.slice(first).map((open) => open.name), name]
    this.#faults.add(place, `a file includes itself: ${chain.join(' -> ')}`)
    return true
  }

  #countFile(place: Place): boolean {
    this.#files++
    return this.#within('maxConfigFiles', this.#files, place, 'more files')
  }

  #countStatement({ place }: Statement): boolean {
    this.#count++
    return this.#within('maxStatements', this.#count, place, 'more directives')
  }

  #within(limit: keyof ConfigLimits, count: number, place: Place, what: string): boolean {
    if (count > this.#limits[limit] && !this.#stopped) {
      this.#stopped = true
      this.#faults.add(place, `${what} than ${limit} (${this.#limits[limit]})`)
    }
    return !this.#stopped
  }
}
