import { posix } from 'node:path'
import { type Declaration, type ModuleOutline, outline } from './lib/declarations.ts'
import { type Finding, isProgram, isTest, readTree, report, type SourceFile } from './lib/files.ts'

/** A declaration and the file it stands in. */
type Placed = Readonly<{ path: string; declaration: Declaration }>

/**
 * Checks that everything that can be reached from an `index.ts` has a docblock, and so have the members of its classes
 * and interfaces and of type literals of more than one line. Not asked for: private and protected members, `override`s
 * and members of a documented interface the class implements (editors show the docblock they inherit), constructors
 * without parameters, and properties with one possible value (`kind: 'audio'`).
 */
export function checkDocblocks(files: readonly SourceFile[]): Finding[] {
  const modules = new Map(
    files.filter((file) => !isTest(file.path)).map((file) => [file.path, outline(file.text)]),
  )
  const resolver = new Resolver(modules)
  for (const path of modules.keys()) {
    if (posix.basename(path) === 'index.ts') {
      resolver.reachAll(path)
    }
  }
  const interfaces = documentedMembers(modules)
  const missing = [...resolver.reached].flatMap((placed) => undocumented(placed, interfaces))
  return [...resolver.unresolved, ...missing].sort(
    (a, b) => a.path.localeCompare(b.path, 'en') || a.line - b.line,
  )
}

/** Follows exports through re-exports to where things are declared. */
class Resolver {
  readonly reached: Set<Placed> = new Set()
  readonly unresolved: Finding[] = []
  readonly #modules: ReadonlyMap<string, ModuleOutline>
  readonly #placed = new Map<Declaration, Placed>()
  readonly #visited = new Set<string>()

  constructor(modules: ReadonlyMap<string, ModuleOutline>) {
    this.#modules = modules
    for (const [path, { declarations }] of modules) {
      for (const declaration of declarations) {
        this.#placed.set(declaration, { path, declaration })
      }
    }
  }

  /** Reaches everything a module exports. */
  reachAll(path: string): void {
    const module = this.#modules.get(path)
    if (module === undefined || this.#visited.has(path)) {
      return
    }
    this.#visited.add(path)
    for (const declaration of module.declarations.filter((each) => each.exported)) {
      this.#reach(declaration)
    }
    for (const binding of module.exports) {
      if (!this.#reachName(path, binding.name, new Set())) {
        this.unresolved.push({ path, line: binding.line, message: `'${binding.name}': no declaration found` })
      }
    }
    for (const specifier of module.stars.filter(isRelative)) {
      this.reachAll(resolve(path, specifier))
    }
  }

  /** Reaches what a module exports by one name; false if it exports none. Packages are taken to export all. */
  #reachName(path: string, name: string, seen: Set<string>): boolean {
    const module = this.#modules.get(path)
    if (module === undefined || seen.has(path)) {
      return false
    }
    seen.add(path)
    const own = module.declarations.filter((each) => each.exported && each.name === name)
    own.forEach((each) => {
      this.#reach(each)
    })
    const binding = module.exports.find((each) => each.name === name)
    if (own.length > 0 || binding === undefined) {
      const stars = module.stars.filter(isRelative)
      return own.length > 0 || stars.some((each) => this.#reachName(resolve(path, each), name, seen))
    }
    if (binding.specifier !== null) {
      return this.#reachFrom(path, binding.specifier, binding.source, seen)
    }
    const local = module.declarations.filter((each) => each.name === binding.source)
    local.forEach((each) => {
      this.#reach(each)
    })
    const imported = module.imports.find((each) => each.name === binding.source)
    if (local.length > 0 || imported?.specifier === undefined || imported.specifier === null) {
      return local.length > 0
    }
    return this.#reachFrom(path, imported.specifier, imported.source, seen)
  }

  #reachFrom(path: string, specifier: string, name: string, seen: Set<string>): boolean {
    return !isRelative(specifier) || this.#reachName(resolve(path, specifier), name, seen)
  }

  #reach(declaration: Declaration): void {
    const placed = this.#placed.get(declaration)
    if (placed !== undefined) {
      this.reached.add(placed)
    }
  }
}

function undocumented(placed: Placed, interfaces: ReadonlyMap<string, ReadonlySet<string>>): Finding[] {
  const { path, declaration } = placed
  const { name, line, documented, members, implemented } = declaration
  const own = documented ? [] : [{ path, line, message: `'${name}' has no docblock` }]
  const inMembers = members
    .filter((member) => !member.documented && !member.override)
    .filter((member) => !implemented.some((each) => interfaces.get(each)?.has(member.name) === true))
    .map((member) => ({ path, line: member.line, message: `'${name}.${member.name}' has no docblock` }))
  return [...own, ...inMembers]
}

/** The documented members of each interface, by the interface's name. */
function documentedMembers(modules: ReadonlyMap<string, ModuleOutline>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { declarations } of modules.values()) {
    for (const each of declarations.filter((declaration) => declaration.kind === 'interface')) {
      const names = found.get(each.name) ?? new Set()
      for (const member of each.members.filter((candidate) => candidate.documented)) {
        names.add(member.name)
      }
      found.set(each.name, names)
    }
  }
  return found
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.')
}

function resolve(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier))
}

if (isProgram(import.meta.url)) {
  const files = readTree('src')
  report(checkDocblocks(files), `docblocks of ${files.length} files`)
}
