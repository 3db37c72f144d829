import { type ChildProcess, spawn } from 'node:child_process'
import { Backoff, type BackoffOptions, type Clock, type Logger } from '../../base/index.ts'
import type { StartProcess } from './program-process.ts'

/** How long a guardian that could not be started, or ends at once, is done without. */
const GUARDIAN_BACKOFF: BackoffOptions = { firstMs: 100, maxMs: 60_000, jitter: 0, healthyMs: 1000 }

/**
 * Reads lines, each with the numbers of all process groups there are. When nobody writes any more, it asks those of the last line to end,
 * and kills what is left of them after three seconds. Signals are not for it: a terminal and a service manager send them to it, too.
 */
const SCRIPT = `trap '' HUP INT TERM
while read -r line; do groups=$line; done
signal() { for group in $groups; do kill -s "$1" -- "-$group" && left=yes; done 2>/dev/null; }
left=; signal TERM
for second in 1 2 3; do [ -z "$left" ] && exit; left=; signal 0; [ -z "$left" ] && exit; sleep 1; done
signal KILL`

/**
 * Ends programs when this process ends in whatever way, `kill -9` included: a process of its own, in a session of its own, that is told
 * which there are, and learns from the end of a pipe that there is no one left to care for them. A program is not guarded in the moment
 * between its start and `add`, and not what it has put into another process group or session.
 */
export class Guardian {
  readonly #logger: Logger
  readonly #backoff: Backoff
  readonly #groups = new Set<number>()
  #process: ChildProcess | null = null
  #over: Promise<void> = Promise.resolve()
  #retry: NodeJS.Timeout | null = null
  #closed = false

  /** There is no process before the first program. @param logger told if there is none then, either */
  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#backoff = new Backoff(GUARDIAN_BACKOFF, clock)
  }

  /** Its process; null while there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null
  }

  /** Ends that process group, too. @param group the number of the process that leads it */
  add(group: number): void {
    this.#groups.add(group)
    if (this.#process === null && this.#retry === null) {
      this.#start()
    } else {
      this.#tell()
    }
  }

  /** That process group has ended. */
  remove(group: number): void {
    if (this.#groups.delete(group)) {
      this.#tell()
    }
  }

  /** Lets the process end, which ends the programs that are still there. Idempotent; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry ?? undefined)
    this.#process?.ref()
    this.#process?.stdin?.end()
    await this.#over
  }

  #start(): void {
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'srs-guardian'], {
      cwd: '/',
      detached: true,
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#process = child
    this.#backoff.work()
    child.unref()
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(`it ended (${signal ?? code})`))
    })
    this.#over = ended.then((reason) => this.#startAgain(reason))
    // It may end while it is told something; that it has ended is told above.
    child.stdin?.on('error', () => {})
    this.#tell()
  }

  #startAgain(reason: string): void {
    this.#process = null
    if (this.#closed) {
      return
    }
    const waitMs = this.#backoff.fail()
    this.#retry = setTimeout(() => {
      this.#retry = null
      // Not before: the signal that has ended it, before it could say that signals are not for it, may end this process, too.
      this.#logger.warn({ reason, waitMs }, 'the guardian of the programs is gone, and started again')
      this.#start()
    }, waitMs)
    this.#retry.unref()
  }

  #tell(): void {
    this.#process?.stdin?.write(`${[...this.#groups].join(' ')}\n`)
  }
}

/** Starts processes that a guardian ends when this one is killed. */
export function guardedStart(start: StartProcess, guardian: Pick<Guardian, 'add' | 'remove'>): StartProcess {
  return async (command, listener, stopTimeoutMs) => {
    const onStart = (pid: number): void => {
      guardian.add(pid)
      listener.onStart(pid)
    }
    const running = await start(command, { ...listener, onStart }, stopTimeoutMs)
    void running.ended.then(() => guardian.remove(running.pid))
    return running
  }
}
