import process from 'node:process'
import { Command, InvalidArgumentError } from 'commander'
import { ServerError } from '../../base/index.ts'
import { untilInterrupted } from '../interruption.ts'
import { printableJson } from '../printable.ts'
import type { ApiClient } from './api-client.ts'
import { ask } from './commands.ts'
import { REMOTE_HELP, type RemoteArguments, withRemoteOptions } from './find-server.ts'
import { listClients, listStreams } from './listed.ts'
import { processTerminal, showTop } from './top-screen.ts'
import { FIRST_VIEW, formatTop, MAX_TOP_CLIENTS, type TopSnapshot } from './top-text.ts'

type Arguments = RemoteArguments & { json?: true; interval: number }

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
          await untilInterrupted((interruption) =>
            showTop({
              look: () => look(client),
              terminal: processTerminal,
              intervalMs: interval * 1000,
              interruption,
            }),
          )
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

function parseInterval(text: string): number {
  const seconds = Number(text)
  if (!(seconds >= 0.2 && seconds <= 3600)) {
    throw new InvalidArgumentError('is a number of seconds from 0.2 to 3600')
  }
  return seconds
}
