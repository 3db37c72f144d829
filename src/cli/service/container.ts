import { existsSync } from 'node:fs'
import process from 'node:process'

/** Files that engines put into their containers: Docker and Podman. */
const MARKS = ['/.dockerenv', '/run/.containerenv']

/** Does this process run in a container, which ends with its first process? */
export function isInContainer(): boolean {
  return process.pid === 1 || process.env.KUBERNETES_SERVICE_HOST !== undefined || MARKS.some(existsSync)
}
