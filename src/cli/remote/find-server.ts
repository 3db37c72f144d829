import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { ServerError, toError } from '../../base/index.ts'
import { processSettingsOf } from '../../control/index.ts'
import { type ConfigArguments, findConfigSource, readConfigOrTell } from '../config-source.ts'
import { doorPathOf } from '../service/control-door.ts'
import { doorFolderOf, type FoundDoor, findDoors } from '../service/door-folder.ts'
import { ApiClient } from './api-client.ts'

/** Which server is asked, as it was typed. */
export type RemoteArguments = ConfigArguments & {
  door?: string
  pidFile?: string
  api?: string
  user?: string
  passwordFile?: string
  tokenFile?: string
}

/** What every command says that asks a server. */
export const REMOTE_HELP = `
The server is found by itself if only one of yours runs on this machine; it needs no password there. Else say which:
--door or --pid-file, -c if its configuration names a pid file, or --api for one elsewhere.
Exit code: 0 done; 1 no server answers, or it says no; 2 wrong call; 3 there is no such client.`

/** Adds the options that say which server is asked. */
export function withRemoteOptions(command: Command): Command {
  return command
    .option('-c, --config <FILE>', "the server's configuration, which names its pid file")
    .option('--pid-file <FILE>', "the server's pid file")
    .option('--door <SOCKET>', "the server's door: a Unix socket")
    .option('--api <URL>', 'the API of a server elsewhere, e.g. http://host:1985')
    .option('--user <NAME>', 'the user of the API; needs --password-file')
    .option('--password-file <FILE>', 'a file whose first line is the password of the API')
    .addOption(
      new Option('--token-file <FILE>', 'a file whose first line is a token of the API').conflicts('user'),
    )
}

/**
 * The API of the server that is meant.
 * @throws ServerError ERR_CONFIGURATION if that is not clear, ERR_CONNECTION if none runs
 */
export async function findServer(given: RemoteArguments): Promise<ApiClient> {
  if (given.api !== undefined) {
    return new ApiClient({ url: parseUrl(given.api), authorization: await authorizationOf(given) })
  }
  if (given.user !== undefined || given.passwordFile !== undefined || given.tokenFile !== undefined) {
    throw new ServerError('ERR_CONFIGURATION', 'a password or token is for --api: a door needs none')
  }
  return new ApiClient({ door: given.door ?? (await doorOf(given)) })
}

async function doorOf(given: RemoteArguments): Promise<string> {
  const pidFile = given.pidFile ?? (await configuredPidFile(given))
  return pidFile === null ? await onlyDoor(findDoors(doorFolderOf())) : await doorBeside(pidFile)
}

/** @throws ServerError ERR_CONNECTION if there is no door */
async function doorBeside(pidFile: string): Promise<string> {
  const door = doorPathOf(pidFile)
  if (existsSync(door)) {
    return door
  }
  const hint = await readFile(pidFile, 'utf8').then(
    (pid) => `process ${pid.trim()} has no door; is it a server?`,
    ({ code, message }: NodeJS.ErrnoException) => (code === 'ENOENT' ? 'there is no such file' : message),
  )
  throw new ServerError('ERR_CONNECTION', `no server of the pid file '${pidFile}' answers: ${hint}`)
}

/** The pid file that the configuration names; null if no configuration was named, or the one in the environment names none. */
async function configuredPidFile(given: RemoteArguments): Promise<string | null> {
  const source = findConfigSource(given)
  if (source === null) {
    return null
  }
  const read = await readConfigOrTell(source)
  if (read === null) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      'the configuration can not be read: say which server by --door',
    )
  }
  const { pidFile } = processSettingsOf(read.config, { inContainer: false })
  if (pidFile === null && given.config !== undefined) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${given.config} names no pid file, by which its server could be found: leave -c out, or say --door`,
    )
  }
  return pidFile
}

/** @throws ServerError unless a server answers at exactly one */
async function onlyDoor(doors: readonly FoundDoor[]): Promise<string> {
  const answering: FoundDoor[] = []
  for (const door of doors) {
    if (await answers(door)) {
      answering.push(door)
    }
  }
  const [first, second] = answering
  if (first === undefined) {
    const left = doors.length === 0 ? '' : `; ${doors.map(describeLeft).join(', ')}`
    throw new ServerError(
      'ERR_CONNECTION',
      `no server of yours runs here: start one with srs, or say which by -c, --pid-file, --door or --api${left}`,
    )
  }
  if (second !== undefined) {
    const list = answering.map(({ path, port, pid }) => `  --door ${path}   process ${pid}, port ${port}`)
    throw new ServerError('ERR_CONFIGURATION', `several servers run here; say which:\n${list.join('\n')}`)
  }
  return first.path
}

/** What a door tells at which nobody answers. The next server to start removes it. */
function describeLeft({ pid, port }: FoundDoor): string {
  return `one with port ${port}, process ${pid}, does not answer or was killed`
}

async function answers({ path }: FoundDoor): Promise<boolean> {
  const client = new ApiClient({ door: path })
  try {
    await client.get('/api/v1/versions')
    return true
  } catch {
    // Nobody is behind it any more.
    return false
  } finally {
    client.close()
  }
}

async function authorizationOf({ user, passwordFile, tokenFile }: RemoteArguments): Promise<string> {
  if (tokenFile !== undefined) {
    return `Bearer ${await readSecret(tokenFile)}`
  }
  if (user === undefined && passwordFile === undefined) {
    return ''
  }
  if (user === undefined || passwordFile === undefined) {
    throw new ServerError('ERR_CONFIGURATION', '--user and --password-file belong together')
  }
  return `Basic ${Buffer.from(`${user}:${await readSecret(passwordFile)}`).toString('base64')}`
}

async function readSecret(file: string): Promise<string> {
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/, 1)
    return line
  } catch (error) {
    throw new ServerError('ERR_CONFIGURATION', `'${file}' can not be read: ${toError(error).message}`)
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(/^\w+:\/\//.test(text) ? text : `http://${text}`)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ServerError('ERR_CONFIGURATION', `'${text}' is no address of an API: say http://host:port`)
  }
  if (url.password !== '' || url.username !== '') {
    throw new ServerError(
      'ERR_CONFIGURATION',
      'a password in a URL can be seen by others: use --user and --password-file',
    )
  }
  return url
}
