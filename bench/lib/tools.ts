import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { REPOSITORY } from '../../scripts/lib/files.ts'

/** Where the bench keeps what it fetched and built; git takes no notice of it. */
export const CACHE: string = join(REPOSITORY, '.cache', 'bench')

/** Where `prepare.ts` unpacks Debian's packages if they are not installed. */
export const NGINX_ROOT: string = join(CACHE, 'nginx')

const MODULE_PATH = 'usr/lib/nginx/modules/ngx_rtmp_module.so'

/** nginx and the module that makes it an RTMP server. */
export type NginxRtmp = Readonly<{
  /** The program. */
  nginx: string
  /** The module's file. */
  module: string
  /** The version of its Debian package, as far as it is known. */
  moduleVersion: string
}>

/** Finds nginx with its RTMP module: the system's, else the one that `prepare.ts` unpacked. Null if there is none. */
export function findNginxRtmp(): NginxRtmp | null {
  for (const root of ['/', NGINX_ROOT]) {
    const nginx = join(root, 'usr/sbin/nginx')
    const module = join(root, MODULE_PATH)
    if (existsSync(module) && works(nginx, '-v')) {
      return { nginx, module, moduleVersion: debianVersion(root) }
    }
  }
  return null
}

/** The C compiler, or null. */
export function findCompiler(): string | null {
  return ['cc', 'gcc', 'clang'].find((command) => works(command, '--version')) ?? null
}

/** Whether a command ends without an error. */
export function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
}

/**
 * Builds a C program of one file, unless that was done since the file last changed.
 * @param source path of the .c file
 * @returns path of the program
 * @throws Error if there is no compiler or it finds mistakes
 */
export function compile(source: string, name: string): string {
  const program = join(CACHE, name)
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) {
    return program
  }
  const compiler = findCompiler()
  if (compiler === null) {
    throw new Error('there is no C compiler; `node bench/prepare.ts` installs one or says how')
  }
  mkdirSync(CACHE, { recursive: true })
  execFileSync(compiler, ['-O2', '-Wall', '-Wextra', '-o', program, source], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return program
}

/** The module itself tells that of an older release; the first line of Debian's change log knows better. */
function debianVersion(root: string): string {
  try {
    const log = gunzipSync(readFileSync(join(root, 'usr/share/doc/libnginx-mod-rtmp/changelog.Debian.gz')))
    return /\(([^)]+)\)/.exec(log.toString('utf8', 0, 200))?.[1] ?? 'of Debian'
  } catch {
    return 'of Debian'
  }
}
