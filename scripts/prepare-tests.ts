import { spawnSync } from 'node:child_process'
import { isProgram } from './lib/files.ts'
import { findTool, npmInstall, TOOLS, type Tool } from './lib/tools.ts'

/** What preparing needs of the machine; tests hand in one that only pretends. */
export interface Machine {
  /** The command that runs a tool, or null. */
  find(tool: string): string | null
  /** Whether a command ends without an error; it says nothing and asks nothing. */
  succeeds(command: string, ...args: string[]): boolean
  /** Runs a command whose progress people see; whether it ended without an error. */
  run(command: string, ...args: string[]): boolean
  /** Whether this process may do everything. */
  isRoot(): boolean
  /** Tells people something. */
  say(line: string): void
}

const UPDATE = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', 'update']
const INSTALL = ['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=120', 'install', '--no-install-recommends']

/**
 * Sees to it that the programs the tests need are there: installs what is missing from npm, and from the system's packages
 * where that is allowed without a question, otherwise says which command to run.
 * @returns whether everything is there now
 */
export function prepareTests(machine: Machine): boolean {
  const missing = findMissing(machine)
  if (missing.length === 0) {
    return true
  }
  machine.say(`missing: ${missing.map((tool) => tool.name).join(', ')}`)
  for (const folder of npmFoldersOf(missing)) {
    machine.say(`installing: what ${folder}/package-lock.json names`)
    machine.run(...npmInstall(folder))
  }
  const packages = packagesOf(missing)
  if (packages.length > 0) {
    installPackages(machine, packages)
  }
  const left = findMissing(machine)
  if (left.length > 0) {
    machine.say(`still missing: ${left.map((tool) => tool.name).join(', ')}`)
    explain(machine, packagesOf(left), npmFoldersOf(left))
  }
  return left.length === 0
}

function installPackages(machine: Machine, packages: readonly string[]): void {
  const prefix = prefixForInstalling(machine)
  if (prefix === null) {
    return
  }
  machine.say(`installing: ${packages.join(' ')}`)
  const [command = '', ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive']
  if (!machine.run(command, ...args, ...UPDATE)) {
    // One list of packages that can't be had must not stop the others.
    machine.say('apt-get update failed; trying with the package lists there are')
  }
  machine.run(command, ...args, ...INSTALL, ...packages)
}

/** The system's packages that bring the tools, each once. */
function packagesOf(tools: readonly Tool[]): string[] {
  return [...new Set(tools.flatMap(({ from }) => ('apt' in from ? from.apt.split(' ') : [])))]
}

/** The folders whose npm packages bring the tools, each once. */
function npmFoldersOf(tools: readonly Tool[]): string[] {
  return [...new Set(tools.flatMap(({ from }) => ('npm' in from ? [from.npm] : [])))]
}

/** Says where each tool was found; returns those that were not. */
function findMissing(machine: Machine): Tool[] {
  return TOOLS.filter((tool) => {
    const command = machine.find(tool.name)
    if (command !== null) {
      const where = 'npm' in tool.from ? tool.from.npm : command
      machine.say(`found ${tool.name}${where === tool.name ? '' : ` as ${where}`}`)
    }
    return command === null
  })
}

/** What to put before `apt-get`; null where nothing may be installed without a question. */
function prefixForInstalling(machine: Machine): string[] | null {
  if (!machine.succeeds('apt-get', '--version')) {
    return null
  }
  if (machine.isRoot()) {
    return []
  }
  return machine.succeeds('sudo', '-n', 'true') ? ['sudo', '-n'] : null
}

function explain(machine: Machine, packages: readonly string[], folders: readonly string[]): void {
  const commands = folders.map((folder) => npmInstall(folder).join(' '))
  const hasApt = machine.succeeds('apt-get', '--version')
  if (hasApt && packages.length > 0) {
    const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
    const sudo = machine.isRoot() ? '' : 'sudo '
    commands.push(`${sudo}apt-get update && ${sudo}${install}`)
  }
  if (commands.length > 0) {
    machine.say(`run this, then npm test again:\n\n  ${commands.join('\n  ')}\n`)
  }
  if (!hasApt && packages.length > 0) {
    machine.say(
      `install these with your system's package manager, then run npm test again:\n\n  ${packages.join(' ')}\n`,
    )
  }
  if (packages.includes('ffmpeg')) {
    machine.say('FFmpeg must have the encoder libx264, as Debian has it.')
  }
  if (packages.includes('chromium')) {
    machine.say('CHROMIUM_PATH may name another Chromium or Chrome; it must play H.264 and AAC.')
  }
}

const thisMachine: Machine = {
  find: findTool,
  succeeds: (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0,
  run: (command, ...args) =>
    spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0,
  isRoot: () => process.getuid?.() === 0,
  say: (line) => {
    console.log(line)
  },
}

if (isProgram(import.meta.url) && !prepareTests(thisMachine)) {
  process.exitCode = 1
}
