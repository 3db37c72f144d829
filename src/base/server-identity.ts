import { createHash, randomInt } from 'node:crypto'
import { pid } from 'node:process'

/** Which server answers: hooks, the API and relays say it, as SRS does. */
export type ServerIdentity = Readonly<{
  /** The server, e.g. 'vid-0v9872d'. */
  serverId: string
  /** Eight characters, new with every start: by it a client sees that the server was started anew. */
  serviceId: string
  /** The number of the process, as text. */
  pid: string
}>

const CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Small letters and digits by chance, as SRS makes its ids. */
export function randomId(length: number): string {
  return Array.from({ length }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('')
}

/** The identity of a server that starts now. @param serverId Default: 'vid-' and seven characters by chance. */
export function createServerIdentity(serverId: string = `vid-${randomId(7)}`): ServerIdentity {
  return { serverId, serviceId: randomId(8), pid: String(pid) }
}

/**
 * The id of a stream, the same wherever it is named as long as the process runs: in the API and to hooks, who hear of it before there
 * is one.
 * @param key of the stream
 */
export function streamIdOf({ serviceId }: ServerIdentity, key: string): string {
  const digest = createHash('sha256').update(`${serviceId} ${key}`).digest()
  return `vid-${[...digest.subarray(0, 7)].map((byte) => CHARACTERS[byte % CHARACTERS.length]).join('')}`
}
