import type { ClientDetails, RefusalInfo, StreamInfo } from '../../control/index.ts'
import type { ApiAnswerBody, ApiClient } from './api-client.ts'

/** A client as it comes out of JSON. */
export type ListedClient = Omit<ClientDetails, 'alive'> & Readonly<{ alive: number }>

/** So many entries are asked for at once; SRS gives ten unless asked for more. */
const PAGE = 1000

/** Every stream, as the API lists it. @throws what `ApiClient.get` throws */
export function listStreams(client: ApiClient): Promise<StreamInfo[]> {
  return listAll<StreamInfo>(client, '/api/v1/streams/', 'streams')
}

/** Every client, as the API lists it. @param most stops after so many. @throws what `ApiClient.get` throws */
export function listClients(
  client: ApiClient,
  most: number = Number.POSITIVE_INFINITY,
): Promise<ListedClient[]> {
  return listAll<ListedClient>(client, '/api/v1/clients/', 'clients', { most })
}

/**
 * Every client of one stream, as the API lists it.
 * @param path the stream's, as users say it, e.g. 'live/demo'
 * @throws what `ApiClient.get` throws
 */
export async function listClientsOf(client: ApiClient, path: string): Promise<ListedClient[]> {
  const stream = (await listStreams(client)).find(({ url }) => isPath(url, path))
  // Nobody has published it yet, but players may wait for it; and SRS itself lists all clients, whatever is asked for.
  const parameters = stream === undefined ? {} : { stream: stream.id }
  const clients = await listAll<ListedClient>(client, '/api/v1/clients/', 'clients', { parameters })
  return clients.filter(({ url }) => isPath(url, path))
}

/** The newest refusals, newest first, and how many there were by code. @throws what `ApiClient.get` throws */
export async function listRefusals(
  client: ApiClient,
): Promise<Readonly<{ total: number; counts: Readonly<Record<string, number>>; refusals: RefusalInfo[] }>> {
  const { total, counts, refusals } = await client.get('/api/v1/refusals/')
  return {
    total: Number(total ?? 0),
    counts: (counts ?? {}) as Record<string, number>,
    refusals: (refusals ?? []) as RefusalInfo[],
  }
}

async function listAll<Entry>(
  client: ApiClient,
  path: string,
  key: string,
  {
    most = Number.POSITIVE_INFINITY,
    parameters = {},
  }: Readonly<{ most?: number; parameters?: Readonly<Record<string, string>> }> = {},
): Promise<Entry[]> {
  const all: Entry[] = []
  for (;;) {
    const query = new URLSearchParams({ ...parameters, start: String(all.length), count: String(PAGE) })
    const answer = await client.get(`${path}?${query}`)
    const page = entriesOf<Entry>(answer, key)
    all.push(...page)
    if (page.length < PAGE || all.length >= most) {
      return all
    }
  }
}

function entriesOf<Entry>(answer: ApiAnswerBody, key: string): Entry[] {
  const entries = answer[key]
  return Array.isArray(entries) ? entries : []
}

/** Whether the path in the API's words is that of a stream in the user's. */
function isPath(url: string, path: string): boolean {
  const plain = (text: string): string => text.replace(/^\/+/, '')
  return plain(url) === plain(path)
}
