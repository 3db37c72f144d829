/**
 * Sees to it that the programs are there that the bench compares with: nginx with its RTMP module, and a C compiler.
 * nginx is not installed but unpacked from Debian's packages into a folder of the bench's own: installing it would start a
 * web server on port 80 of whoever only wants to measure.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isProgram } from '../scripts/lib/files.ts'
import { findCompiler, findNginxRtmp, NGINX_ROOT, works } from './lib/tools.ts'

const NGINX_PACKAGES = ['nginx', 'libnginx-mod-rtmp']
const COMPILER_PACKAGES = ['gcc', 'libc6-dev']
const APT_GET = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120']

/**
 * Gets what is missing where that is allowed without a question, otherwise says how to.
 * @returns names of the servers that can't be run here
 */
export function prepareBench(): string[] {
  const missing: string[] = []
  if (findNginxRtmp() === null && !unpackNginx()) {
    missing.push('nginx-rtmp')
    explain(NGINX_PACKAGES)
  }
  if (findCompiler() === null && !installCompiler()) {
    missing.push('floor')
    explain(COMPILER_PACKAGES)
  }
  return missing
}

function unpackNginx(): boolean {
  const downloads = join(NGINX_ROOT, 'packages')
  mkdirSync(downloads, { recursive: true })
  console.log(`unpacking ${NGINX_PACKAGES.join(' and ')}`)
  // Downloading needs no rights; fresh lists of packages do, and old ones may name files that are gone.
  const downloaded =
    run(APT_GET, ['download', ...NGINX_PACKAGES], downloads) ||
    (asRoot(APT_GET, ['update']) && run(APT_GET, ['download', ...NGINX_PACKAGES], downloads))
  if (!downloaded) {
    return false
  }
  const archives = readdirSync(downloads).filter((name) => name.endsWith('.deb'))
  const unpacked = archives.every((name) => run(['dpkg-deb', '-x'], [join(downloads, name), NGINX_ROOT]))
  rmSync(downloads, { recursive: true })
  return unpacked && findNginxRtmp() !== null
}

function installCompiler(): boolean {
  const install = ['-y', 'install', '--no-install-recommends', ...COMPILER_PACKAGES]
  // A list of packages that can't be had must not stop the others.
  asRoot(APT_GET, ['update'])
  return asRoot(APT_GET, install) && findCompiler() !== null
}

/** Runs a command with every right there is; false where that would take a password. */
function asRoot(command: readonly string[], args: readonly string[]): boolean {
  if (process.getuid?.() === 0) {
    return run(['env', 'DEBIAN_FRONTEND=noninteractive', ...command], args)
  }
  return works('sudo', '-n', 'true') && run(['sudo', '-n', 'env', ...command], args)
}

function run([command = '', ...first]: readonly string[], args: readonly string[], cwd?: string): boolean {
  const stdio = ['ignore', 'ignore', 'inherit'] as const
  return spawnSync(command, [...first, ...args], { cwd, stdio: [...stdio] }).status === 0
}

function explain(packages: readonly string[]): void {
  console.log(
    `install these with your system's package manager, then run it again:\n\n  ${packages.join(' ')}\n`,
  )
}

if (isProgram(import.meta.url)) {
  const missing = prepareBench()
  console.log(missing.length === 0 ? 'everything is there' : `can't be run here: ${missing.join(', ')}`)
  process.exitCode = missing.length === 0 ? 0 : 1
}
