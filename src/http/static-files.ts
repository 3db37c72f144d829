import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StaticRoot } from './http-router.ts'

/** A file that answers a request: or where a folder's address should have ended. */
export type StaticFile = Readonly<{ root: StaticRoot; path: string }> | Readonly<{ redirect: string }>

/** The file that a folder's address stands for. */
const INDEX_FILE = 'index.html'

/**
 * Finds the file that a path means in the first folder that has it. Names that begin with a dot are nobody's business, but
 * `.well-known` (RFC 8615) is.
 * @param path decoded, without the leading slash
 * @returns null if there is none
 */
export async function findStaticFile(roots: readonly StaticRoot[], path: string): Promise<StaticFile | null> {
  const segments = path.split('/')
  const isHidden = segments.some((segment) => segment.startsWith('.') && segment !== '.well-known')
  if (isHidden || path.includes('\0') || path.includes('\\')) {
    return null
  }
  for (const root of roots) {
    const found = await stat(join(root.folder, path)).catch(() => null)
    if (found?.isFile()) {
      return { root, path }
    }
    const index = join(path, INDEX_FILE)
    if (found?.isDirectory() && (await stat(join(root.folder, index)).catch(() => null))?.isFile()) {
      return path === '' || path.endsWith('/') ? { root, path: index } : { redirect: `/${path}/` }
    }
  }
  return null
}
