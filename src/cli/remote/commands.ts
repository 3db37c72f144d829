import process from 'node:process'
import { Command } from 'commander'
import { ServerError } from '../../base/index.ts'
import { nearestName, SRS_CODES } from '../../control/index.ts'
import { EXIT_NOT_FOUND } from '../exit-codes.ts'
import { reportFailure } from '../failure.ts'
import { printable, printableJson } from '../printable.ts'
import { type ApiClient, explain } from './api-client.ts'
import { findServer, REMOTE_HELP, type RemoteArguments, withRemoteOptions } from './find-server.ts'
import { listClients, listClientsOf, listRefusals, listStreams } from './listed.ts'
import { formatClients, formatRefusals, formatStreams } from './lists-text.ts'
import type { TableOptions } from './table.ts'

type ListArguments = RemoteArguments & { json?: true; stream?: string; count?: number }

/** The commands that ask a running server: `streams`, `clients`, `kick` and `refusals`. */
export function createRemoteCommands(): Command[] {
  return [
    listCommand('streams', 'List the streams of a running server.', async (client, { json }) => {
      const streams = await listStreams(client)
      print(json, streams, (options) => formatStreams(streams, options))
    }),
    listCommand('clients', 'List who publishes and plays.', async (client, { json, stream }) => {
      const clients = await (stream === undefined ? listClients(client) : listClientsOf(client, stream))
      print(json, clients, (options) => formatClients(clients, options))
    }).option('--stream <PATH>', 'only those of one stream, e.g. live/demo'),
    listCommand(
      'refusals',
      'List who was not let in, and why; the newest first.',
      async (client, { json }) => {
        const refused = await listRefusals(client)
        print(json, refused, (options) => [
          ...formatRefusals(refused.refusals, options),
          ...(refused.total > refused.refusals.length ? [`${refused.total} since the start.`] : []),
        ])
      },
    ),
    createKickCommand(),
  ]
}

function listCommand(
  name: string,
  says: string,
  run: (client: ApiClient, given: ListArguments) => Promise<void>,
): Command {
  return withRemoteOptions(new Command(name).description(says))
    .option('--json', 'as JSON, as the API has it')
    .addHelpText('after', REMOTE_HELP)
    .action((_given: ListArguments, command: Command) =>
      ask(`srs ${name}`, command.optsWithGlobals<ListArguments>(), run),
    )
}

function createKickCommand(): Command {
  return withRemoteOptions(
    new Command('kick').description('Disconnect clients; nothing keeps them from coming back.'),
  )
    .argument('<ID...>', 'ids, as srs clients lists them')
    .option('--json', 'what became of each, as JSON')
    .addHelpText('after', REMOTE_HELP)
    .action((ids: string[], _given: ListArguments, command: Command) =>
      ask('srs kick', command.optsWithGlobals<ListArguments>(), (client, { json }) =>
        kick(client, ids, json),
      ),
    )
}

async function kick(client: ApiClient, ids: readonly string[], json: true | undefined): Promise<void> {
  const done: { id: string; kicked: boolean }[] = []
  try {
    for (const id of ids) {
      const answer = await client.ask('DELETE', `/api/v1/clients/${encodeURIComponent(id)}`)
      if (answer.code !== 0 && answer.code !== SRS_CODES.clientNotFound) {
        throw new ServerError('ERR_CONNECTION', `${client.name} does not kick ${id}: ${explain(answer)}`)
      }
      done.push({ id, kicked: answer.code === 0 })
    }
  } finally {
    // Also those before one that could not be kicked.
    print(json, done, () => done.filter(({ kicked }) => kicked).map(({ id }) => `${id} is disconnected.`))
  }
  const unknown = done.filter(({ kicked }) => !kicked)
  if (unknown.length > 0) {
    process.exitCode = EXIT_NOT_FOUND
    const present = (await listClients(client)).map((each) => each.id)
    for (const { id } of unknown) {
      process.stderr.write(`srs kick: ${describeUnknown(id, present)}\n`)
    }
  }
}

/** What to say of an id that no client has. */
export function describeUnknown(id: string, present: readonly string[]): string {
  const near = nearestName(id, present)
  const hint =
    near === null
      ? present.length === 0
        ? 'nobody publishes or plays'
        : 'srs clients lists those there are'
      : `did you mean ${printable(near)}?`
  return `there is no client '${id}': ${hint}`
}

/** Finds the server, asks it, and lets go of it. */
export async function ask<Given extends RemoteArguments>(
  name: string,
  given: Given,
  run: (client: ApiClient, given: Given) => Promise<void>,
): Promise<void> {
  await reportFailure(name, async () => {
    const client = await findServer(given)
    try {
      await run(client, given)
    } finally {
      client.close()
    }
  })
}

/** Prints JSON for programs, or lines for people. */
function print(json: true | undefined, value: unknown, lines: (options: TableOptions) => string[]): void {
  const { stdout } = process
  const options = {
    // A terminal that does not know its size says 0.
    width: (stdout.isTTY && stdout.columns) || Number.POSITIVE_INFINITY,
    colors: stdout.isTTY && stdout.hasColors(),
  }
  stdout.write(
    json === true
      ? printableJson(value)
      : lines(options)
          .map((line) => `${line}\n`)
          .join(''),
  )
}
