import { ServerError, toError } from '../base/index.ts'
import { findAddress } from '../net/index.ts'
import { MAX_CONNECTION_RECEIVED_BYTES } from './check-connection.ts'
import type { Probe, ProbeOutcome, ProbeResult } from './probe.ts'
import { ProbeBench } from './probe-bench.ts'
import { PROBES } from './probes/all-probes.ts'
import { runProbe, SERVER_GONE, takesConnections } from './run-probe.ts'
import { parseCheckTarget } from './target.ts'

/** Default of `CheckOptions.timeoutMs`. */
export const DEFAULT_CHECK_TIMEOUT_MS = 5_000

/** How a server is checked. */
export type CheckOptions = Readonly<{
  /** `rtmp://host[:port]/app[?query]`; the query goes with every stream's name, e.g. a token. */
  url: string
  /** Ids of probes or groups, e.g. 'handshake' or 'chunk.abort'. Default: all. */
  only?: readonly string[]
  /** Whatever is waited for is given up after so long, ms. Default 5000. */
  timeoutMs?: number
  /** Ends it early; the report has what was done. */
  signal?: AbortSignal
}>

/** What a check gave. */
export type CheckReport = Readonly<{
  /** As in the options. */
  url: string
  /** How many of each. */
  counts: Readonly<Record<ProbeOutcome, number>>
  /** Each probe, in order. */
  probes: readonly ProbeResult[]
  /** Bytes sent in all. */
  bytesSent: number
  /** Bytes received in all. */
  bytesReceived: number
}>

/** Ids and titles of the probes there are, in order. */
export function listProbes(): Pick<Probe, 'id' | 'title' | 'reference'>[] {
  return PROBES.map(({ id, title, reference }) => ({ id, title, reference }))
}

/**
 * Puts one question after another to an RTMP server, at most a few connections at a time. It publishes only into streams with
 * random names; the connections of a probe are closed when it ends.
 * @param onResult called after each probe
 * @throws ServerError ERR_CONFIGURATION if an option can't be used or nothing answers at the address
 */
export async function runCheck(
  options: CheckOptions,
  onResult: (result: ProbeResult) => void = () => {},
): Promise<CheckReport> {
  const { url, timeoutMs = DEFAULT_CHECK_TIMEOUT_MS, signal } = options
  const target = parseCheckTarget(url)
  const chosen = chooseProbes(options.only ?? [])
  const address = await findAddress(target.host, target.port).catch((error: unknown) => {
    throw new ServerError('ERR_CONFIGURATION', `'${url}' can't be checked: ${toError(error).message}`)
  })
  const setup = { target, address, timeoutMs, maxReceivedBytes: MAX_CONNECTION_RECEIVED_BYTES }
  if (!(await takesConnections(setup, 0))) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `'${url}' can't be checked: nothing takes connections on ${address} port ${target.port}`,
    )
  }
  const probes: ProbeResult[] = []
  let [bytesSent, bytesReceived] = [0, 0]
  let gone = false
  for (const probe of chosen) {
    if (signal?.aborted === true) {
      break
    }
    const bench = new ProbeBench(setup)
    const result = await runProbe(probe, bench, gone ? 0 : timeoutMs)
    gone = result.reason === SERVER_GONE
    bytesSent += bench.bytesSent
    bytesReceived += bench.bytesReceived
    probes.push(result)
    onResult(result)
  }
  const count = (outcome: ProbeOutcome): number => probes.filter((each) => each.outcome === outcome).length
  const counts = { pass: count('pass'), fail: count('fail'), unknown: count('unknown') }
  return { url, counts, probes, bytesSent, bytesReceived }
}

function chooseProbes(only: readonly string[]): readonly Probe[] {
  const unknown = only.filter((name) => !PROBES.some((probe) => isNamed(probe, name)))
  if (unknown.length > 0) {
    const groups = [...new Set(PROBES.map(({ id }) => groupOf(id)))].join(', ')
    throw new ServerError(
      'ERR_CONFIGURATION',
      `there is no probe '${unknown.join(', ')}'; groups are ${groups}`,
    )
  }
  return only.length === 0 ? PROBES : PROBES.filter((probe) => only.some((name) => isNamed(probe, name)))
}

function isNamed({ id }: Probe, name: string): boolean {
  return id === name || groupOf(id) === name
}

function groupOf(id: string): string {
  return id.slice(0, id.indexOf('.'))
}
