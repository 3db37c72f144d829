import process from 'node:process'
import { emitKeypressEvents } from 'node:readline'
import { Command, InvalidArgumentError } from 'commander'
import { ServerError, toError } from '../../base/index.ts'
import { untilInterrupted } from '../interruption.ts'
import { printable, printableJson } from '../printable.ts'
import type { ApiClient } from './api-client.ts'
import { ask } from './commands.ts'
import { REMOTE_HELP, type RemoteArguments, withRemoteOptions } from './find-server.ts'
import { listClients, listStreams } from './listed.ts'
import {
  FIRST_VIEW,
  formatTop,
  MAX_TOP_CLIENTS,
  type Screen,
  type TopSnapshot,
  viewAfter,
} from './top-text.ts'

type Arguments = RemoteArguments & { json?: true; interval: number }

/** A screen of its own, without cursor; and back to that of before. */
const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const ERASE_LINE = '\x1b[K'
const ERASE_REST = '\x1b[J'

/** The command `srs top`: a running server, live on the terminal. */
export function createTopCommand(): Command {
  return withRemoteOptions(new Command('top').description('Watch a running server on the terminal.'))
    .option('--interval <SECONDS>', 'how often to look', parseInterval, 2)
    .option('--json', 'one look, as JSON')
    .addHelpText(
      'after',
      `
Keys: q quits; tab goes to the clients and back; s sorts otherwise; arrows and page keys scroll.
Where there is no terminal, one look is printed.
${REMOTE_HELP}`,
    )
    .action((_given: Arguments, command: Command) =>
      ask('srs top', command.optsWithGlobals<Arguments>(), async (client, { json, interval }) => {
        if (json === true) {
          process.stdout.write(printableJson(await look(client)))
        } else if (process.stdin.isTTY && process.stdout.isTTY) {
          await untilInterrupted((interruption) => watch(client, interval * 1000, interruption))
        } else {
          const screen = { columns: Number.POSITIVE_INFINITY, rows: 0, colors: false }
          process.stdout.write(`${formatTop(await look(client), FIRST_VIEW, screen).join('\n')}\n`)
        }
      }),
    )
}

/** What is taken of `/api/v1/summaries`; a server of SRS does not say how its event loop is. */
type Summaries = Readonly<{
  self: TopSnapshot['self'] & Readonly<{ event_loop?: Readonly<{ utilization: number }> }>
  system: Readonly<{ cpu_percent: number }>
}>

async function look(client: ApiClient): Promise<TopSnapshot> {
  const [summaries, streams, clients] = await Promise.all([
    client.get('/api/v1/summaries'),
    listStreams(client),
    listClients(client, MAX_TOP_CLIENTS),
  ])
  if (summaries.data === undefined) {
    throw new ServerError('ERR_CONNECTION', `${client.name} has no /api/v1/summaries`)
  }
  const { self, system } = summaries.data as Summaries
  return {
    name: client.name,
    self: {
      version: self.version,
      pid: self.pid,
      cpu_percent: self.cpu_percent,
      mem_kbyte: self.mem_kbyte,
      srs_uptime: self.srs_uptime,
    },
    systemCpu: system.cpu_percent,
    eventLoop: self.event_loop?.utilization ?? null,
    streams,
    clients,
  }
}

/** Shows the server until a key or a signal ends it. What goes wrong meanwhile is shown, and it goes on. */
async function watch(client: ApiClient, intervalMs: number, interruption: AbortSignal): Promise<void> {
  const { stdin, stdout } = process
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let view = FIRST_VIEW
  let snapshot: TopSnapshot | null = null
  let trouble: string | null = null
  const screen = (): Screen => ({ columns: stdout.columns, rows: stdout.rows, colors: stdout.hasColors() })
  const draw = (): void => {
    const lines = snapshot === null ? ['...'] : formatTop(snapshot, view, screen())
    const all = trouble === null ? lines : [trouble, ...lines.slice(1)]
    stdout.write(`${HOME}${all.slice(0, stdout.rows).join(`${ERASE_LINE}\r\n`)}${ERASE_LINE}${ERASE_REST}`)
  }
  const refresh = async (): Promise<void> => {
    try {
      snapshot = await look(client)
      trouble = null
    } catch (error) {
      trouble = printable(toError(error).message).slice(0, stdout.columns)
    }
    draw()
  }
  const onKey = (_text: string | undefined, key: { name?: string; ctrl?: boolean }): void => {
    const after =
      key.ctrl === true && key.name === 'c' ? null : viewAfter(view, key.name ?? '', snapshot, screen())
    if (after === null) {
      end()
    } else {
      view = after
      draw()
    }
  }
  interruption.addEventListener('abort', () => end(), { once: true })
  stdout.write(ENTER)
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.on('keypress', onKey)
  stdout.on('resize', draw)
  const timer = setInterval(() => void refresh(), intervalMs)
  try {
    await refresh()
    await ended
  } finally {
    clearInterval(timer)
    stdin.off('keypress', onKey)
    stdout.off('resize', draw)
    stdin.setRawMode(false)
    stdin.pause()
    stdout.write(LEAVE)
  }
}

function parseInterval(text: string): number {
  const seconds = Number(text)
  if (!(seconds >= 0.2 && seconds <= 3600)) {
    throw new InvalidArgumentError('is a number of seconds from 0.2 to 3600')
  }
  return seconds
}
