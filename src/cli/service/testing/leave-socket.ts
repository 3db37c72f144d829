import { spawnSync } from 'node:child_process'
import process from 'node:process'

/** Leaves a Unix socket as a process does that is killed: nobody listens on it. */
export function leaveSocket(path: string): void {
  const script =
    "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
  spawnSync(process.execPath, ['-e', script, path])
}
