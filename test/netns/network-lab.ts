import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import type { Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** What a link does to what is sent to its node. */
export type LinkLimit = Readonly<{
  /** As `tc` writes it: `500kbit`. */
  rate: string
  /** How long something may wait for its turn: the delay, once more is sent than `rate`. */
  queueMs: number
}>

const HELP = `This test needs network namespaces: Linux, with ip and tc (apt-get install iproute2), and root's rights or those to make user
namespaces (on Ubuntu: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0); in a container: --cap-add SYS_ADMIN --cap-add NET_ADMIN.`

const SUBNET = '10.213.0'

/**
 * Machines of a network of its own, each a network namespace with an address on one bridge. Nothing of it has a name outside: it lives
 * in processes that end when their standard input does, so it is gone with the process that made it, however that one ends.
 */
export class NetworkLab {
  /** Holds the bridge, and the user namespace where one is needed. */
  readonly #hub: Namespace
  readonly #scope: Scope
  readonly #pids: number[]
  #nodes = 0

  private constructor(scope: Scope, hub: Namespace) {
    this.#scope = scope
    this.#hub = hub
    this.#pids = [hub.pid]
  }

  /** The processes that hold it. */
  get pids(): readonly number[] {
    return this.#pids
  }

  /** Makes the bridge; all is taken down after the test. @throws Error that says how to be allowed to, where it can't be made */
  static async create(scope: Scope): Promise<NetworkLab> {
    try {
      const isRoot = process.getuid?.() === 0
      const unshare = ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--net']
      const hub = await Namespace.start(scope, unshare, isRoot ? [] : ['--user', '--preserve-credentials'])
      await hub.ip(['link set lo up', 'link add bridge type bridge', 'link set bridge up'])
      return new NetworkLab(scope, hub)
    } catch (error) {
      throw new Error(`network namespaces can't be made here: ${String(error)}\n${HELP}`, { cause: error })
    }
  }

  /** Adds a machine. */
  async addNode(name: string): Promise<NetworkNode> {
    const address = `${SUBNET}.${++this.#nodes}`
    const space = await Namespace.start(this.#scope, this.#hub.enter(['unshare', '--net']), this.#hub.flags)
    this.#pids.push(space.pid)
    await this.#hub.ip([
      `link add ${name} type veth peer name eth0 netns ${space.pid}`,
      `link set ${name} master bridge up`,
    ])
    await space.ip(['link set lo up', `address add ${address}/24 dev eth0`, 'link set eth0 up'])
    return new NetworkNode(name, address, this.#hub, space)
  }
}

/** A machine of a `NetworkLab`. */
export class NetworkNode {
  /** Its IPv4 address. */
  readonly address: string
  readonly #name: string
  readonly #hub: Namespace
  readonly #space: Namespace

  /** Use `NetworkLab.addNode`. */
  constructor(name: string, address: string, hub: Namespace, space: Namespace) {
    this.#name = name
    this.address = address
    this.#hub = hub
    this.#space = space
  }

  /** The command that runs another one on this machine. */
  enter(command: readonly string[]): string[] {
    return this.#space.enter(command)
  }

  /** Pulls the cable: what is sent is lost without a word. */
  async cut(): Promise<void> {
    await this.#hub.ip([`link set ${this.#name} down`])
  }

  /** Puts the cable back. */
  async mend(): Promise<void> {
    await this.#hub.ip([`link set ${this.#name} up`])
  }

  /**
   * Makes what this machine sends slow and late; null makes it fast again. It is late by waiting in a queue, which every kernel has;
   * netem, which would only delay, many have not.
   */
  async limit(limit: LinkLimit | null): Promise<void> {
    const change =
      limit === null
        ? ['del', 'dev', 'eth0', 'root']
        : ['replace', 'dev', 'eth0', 'root', 'tbf', 'rate', limit.rate, 'burst', '16kb']
    const queue = limit === null ? [] : ['latency', `${limit.queueMs}ms`]
    await run(this.enter(['tc', 'qdisc', ...change, ...queue]))
  }
}

/** A network namespace, held by a process that waits for the end of its input. */
class Namespace {
  readonly pid: number
  /** For `nsenter`, beside the network. */
  readonly flags: readonly string[]

  private constructor(pid: number, flags: readonly string[]) {
    this.pid = pid
    this.flags = flags
  }

  static async start(scope: Scope, unshare: readonly string[], flags: readonly string[]): Promise<Namespace> {
    const [command = '', ...args] = [...unshare, 'cat']
    const keeper = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] })
    let said = ''
    keeper.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    scope.onTestFinished(() => end(keeper))
    await once(keeper, 'spawn')
    const { pid = 0 } = keeper
    await waitFor('the namespace', () => {
      if (keeper.exitCode !== null) {
        throw new Error(`${command} ${args.join(' ')} ended with ${keeper.exitCode}: ${said}`)
      }
      return hasBecome(pid, 'cat') && namespaceOf(pid) !== namespaceOf('self')
    })
    return new Namespace(pid, flags)
  }

  enter(command: readonly string[]): string[] {
    return ['nsenter', `--target=${this.pid}`, '--net', ...this.flags, '--', ...command]
  }

  /** Runs commands of `ip`, in one go. */
  async ip(commands: readonly string[]): Promise<void> {
    await run(this.enter(['ip', '-batch', '-']), `${commands.join('\n')}\n`)
  }
}

/** Whether a process has come to the last program of its command: those before it become it, one after the other. */
function hasBecome(pid: number, program: string): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === program
}

function namespaceOf(pid: number | 'self'): string {
  return readlinkSync(`/proc/${pid}/ns/net`)
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode === null && keeper.signalCode === null) {
    const exited = once(keeper, 'exit')
    keeper.stdin?.end()
    await exited
  }
}

function run(command: readonly string[], input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = command
    const child = execFile(file, args, (error, _stdout, stderr) => {
      if (error === null) {
        resolve()
      } else {
        reject(new Error(`${command.join(' ')}: ${stderr || error.message}`, { cause: error }))
      }
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
